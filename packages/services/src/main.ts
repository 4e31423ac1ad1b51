#!/usr/bin/env node
// The process of one or more services. Under startDemo its configuration comes from the parent and it
// ends with it; alone it takes one service from the environment.
import { configFromEnv } from './config-from-env.ts';
import type { Reach, ServiceConfig } from './config.ts';
import { postReports, type Reports, type SendReports } from './reports.ts';
import { type Ports, runService, type RunningService } from './run-service.ts';
import { startWaf, type Waf, type WafOptions } from './waf/start-waf.ts';

/** What a demo process is told: first what to run, then where others are, as often as that changes. */
export type ProcessOrder =
  | { readonly type: 'start'; readonly configs: readonly ServiceConfig[] }
  | { readonly type: 'waf' }
  | { readonly type: 'reach'; readonly instance: string; readonly reach: Reach };

/** What a demo process tells its parent. */
export type ProcessMessage =
  | { readonly type: 'reports'; readonly reports: Reports }
  | { readonly type: 'ready'; readonly ports: readonly Ports[] }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined };

let running: RunningService[] = [];
const closers: (() => Promise<void>)[] = [];
let closing = false;

async function start(
  configs: readonly ServiceConfig[],
  sendReports: SendReports | undefined,
): Promise<void> {
  running = await Promise.all(configs.map((config) => runService(config, { sendReports })));
}

/** The firewall; resolves with its port. When Apache ends, this process does. */
async function judge(options: Pick<WafOptions, 'host' | 'port'>): Promise<Waf> {
  const waf = await startWaf({
    ...options,
    onDenied: ({ uri, ruleId, message }) => console.log(`denied ${uri}: ${ruleId} ${message}`),
    onExit: (detail) => {
      console.error(`clover-services: Apache ended: ${detail}`);
      process.exitCode = 1;
      void stop();
    },
  });
  closers.push(() => waf.close());
  return waf;
}

async function stop(): Promise<void> {
  if (closing) process.exit(1);
  closing = true;
  await Promise.allSettled([
    ...running.map((service) => service.close()),
    ...closers.map((close) => close()),
  ]);
  process.exit();
}

const portsOf = ({ instance, port, adminPort, controlPort }: Ports): Ports => ({
  instance,
  port,
  adminPort,
  controlPort,
});

process.on('SIGTERM', () => void stop());
if (process.send) {
  const send = process.send.bind(process);
  // Ctrl-C goes to the whole group; the parent decides when the demo ends.
  process.on('SIGINT', () => {});
  // The channel closes when the parent is gone, however it went.
  process.once('disconnect', () => void stop());
  process.on('message', (order: ProcessOrder) => {
    if (order.type === 'reach') {
      running.find(({ instance }) => instance === order.instance)?.reach(order.reach);
      return;
    }
    const failed = (error: NodeJS.ErrnoException) =>
      send({ type: 'failed', message: error.message, code: error.code });
    if (order.type === 'waf') {
      const ports = { adminPort: 0, controlPort: 0 };
      judge({}).then(
        ({ port }) => send({ type: 'ready', ports: [{ instance: 'modsecurity', port, ...ports }] }),
        failed,
      );
      return;
    }
    start(order.configs, async (reports) => void send({ type: 'reports', reports })).then(
      () => send({ type: 'ready', ports: running.map(portsOf) }),
      failed,
    );
  });
} else if (process.env['CLOVER_SERVICE'] === 'modsecurity') {
  process.on('SIGINT', () => void stop());
  try {
    const { HOST, PORT } = process.env;
    const waf = await judge({
      ...(HOST === undefined ? {} : { host: HOST }),
      port: Number(PORT ?? 8080),
    });
    console.log(`modsecurity judges at ${waf.url}`);
  } catch (error) {
    console.error(`clover-services: ${(error as Error).message}`);
    process.exitCode = 2;
  }
} else {
  process.on('SIGINT', () => void stop());
  try {
    const controller = process.env['CLOVER_SERVER'];
    await start(
      [configFromEnv(process.env)],
      controller === undefined ? undefined : postReports(controller, process.env['CLOVER_TOKEN']),
    );
    for (const { instance, port, adminPort, controlPort } of running)
      console.log(
        `${instance} listens on port ${port}, its metrics are on port ${adminPort}, its control on port ${controlPort}`,
      );
  } catch (error) {
    console.error(`clover-services: ${(error as Error).message}`);
    process.exitCode = 2;
  }
}

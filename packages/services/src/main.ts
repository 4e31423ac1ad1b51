#!/usr/bin/env node
// The process of one or more services. Under startDemo its configuration comes from the parent and it
// ends with it; alone it takes one service from the environment.
import { configFromEnv } from './config-from-env.ts';
import type { ServiceConfig } from './config.ts';
import { type Ports, runService, type RunningService } from './run-service.ts';

/** What a demo process tells its parent. */
export type ProcessMessage =
  | { readonly type: 'ready'; readonly ports: readonly Ports[] }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined };

let running: RunningService[] = [];
let closing = false;

async function start(configs: readonly ServiceConfig[]): Promise<void> {
  running = await Promise.all(configs.map(runService));
}

async function stop(): Promise<void> {
  if (closing) process.exit(1);
  closing = true;
  await Promise.allSettled(running.map((service) => service.close()));
  process.exit();
}

const portsOf = ({ instance, port, adminPort }: Ports): Ports => ({ instance, port, adminPort });

process.on('SIGTERM', () => void stop());
if (process.send) {
  const send = process.send.bind(process);
  // Ctrl-C goes to the whole group; the parent decides when the demo ends.
  process.on('SIGINT', () => {});
  // The channel closes when the parent is gone, however it went.
  process.once('disconnect', () => void stop());
  process.once('message', (configs: readonly ServiceConfig[]) => {
    start(configs).then(
      () => send({ type: 'ready', ports: running.map(portsOf) }),
      (error: NodeJS.ErrnoException) =>
        send({ type: 'failed', message: error.message, code: error.code }),
    );
  });
} else {
  process.on('SIGINT', () => void stop());
  try {
    await start([configFromEnv(process.env)]);
    for (const { instance, port, adminPort } of running)
      console.log(`${instance} listens on port ${port}, its metrics are on port ${adminPort}`);
  } catch (error) {
    console.error(`clover-services: ${(error as Error).message}`);
    process.exitCode = 2;
  }
}

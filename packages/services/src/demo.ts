// The live demo: the whole chain as child processes that report to Clover, and the counters they keep
// themselves.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServiceConfig } from './config.ts';
import { type DemoCount, parseCounts } from './demo-counts.ts';
import type { ProcessMessage } from './main.ts';
import type { Reports } from './reports.ts';
import type { Ports } from './run-service.ts';
import { sdcTopology } from './topology.ts';

export interface DemoOptions {
  /** OTLP/HTTP base that the services report to, without /v1/traces. */
  readonly otlpHttpUrl: string;
  /** A second receiver that gets the same spans. */
  readonly alsoOtlpHttpUrl?: string | undefined;
  /** Requests per second that the clients send; default 40. */
  readonly rate?: number;
  /** Port of proxy-access-control; default 0, any free one. The original's is 9180. */
  readonly port?: number;
  /** How often a server restarts and is away for 1.5 s; default 60,000, 0 never. */
  readonly restartEveryMs?: number;
  /** Aborting it closes the demo. */
  readonly signal?: AbortSignal;
  /** Told once for each process that ends unasked; it is not started again. */
  readonly onExit?: (exit: { services: readonly string[]; detail: string }) => void;
  /** Told of the alerts and uploads that the services report. */
  readonly onReports?: (reports: Reports) => void;
  /** The program of a demo process; default: this package's own. */
  readonly program?: string;
}

export interface Demo {
  /** Base URL of each service by its instance, such as `http-lb-v2-0`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Of proxy-access-control: where the clients' requests go. */
  readonly frontUrl: string;
  /** Base URL of each instance's metrics and control listener; the clients have `clients-v1-0`. */
  readonly adminUrls: Readonly<Record<string, string>>;
  /** Prometheus endpoints of all services and the clients. */
  readonly scrapeTargets: readonly string[];
  /** `host:port` of each instance's gRPC control interface. */
  readonly controlAddresses: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
  /** Requests that each service says it answered. */
  counters(): Promise<DemoCount[]>;
  setRate(requestsPerSecond: number): Promise<void>;
  /** Stops the load, waits until nothing is under way and until all spans were acknowledged. */
  drain(): Promise<void>;
  /** Ends all processes in good order, within about five seconds. */
  close(): Promise<void>;
}

interface DemoProcess {
  readonly child: ChildProcess;
  services: readonly string[];
}

const READY_WITHIN_MS = 20_000;
const END_WITHIN_MS = 4000;

/** Starts the demo; resolves when every service listens. Rejects with EADDRINUSE's message when `port` is taken. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const program = options.program ?? fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const stages = sdcTopology({
    otlpHttpUrl: options.otlpHttpUrl,
    alsoOtlpHttpUrl: options.alsoOtlpHttpUrl,
    port: options.port ?? 0,
    ratePerSecond: options.rate ?? 40,
    restartEveryMs: options.restartEveryMs ?? 60_000,
  });
  let closing = false;
  // All at once, because starting Node takes longer than configuring it.
  const processes = stages.map((): DemoProcess => ({ child: forkService(program), services: [] }));
  const end = async () => {
    closing = true;
    await Promise.all(processes.map(({ child }) => endProcess(child)));
  };
  const listening = new Map<string, number>();
  const adminUrls: Record<string, string> = {};
  const controlAddresses: Record<string, string> = {};
  for (const { child } of processes)
    child.on('message', (message: ProcessMessage) => {
      if (message.type === 'reports') options.onReports?.(message.reports);
    });
  try {
    for (const [index, stage] of stages.entries()) {
      options.signal?.throwIfAborted();
      const running = processes[index]!;
      const configs = stage(listening);
      running.services = configs.map(({ instance }) => instance);
      for (const ports of await configure(running.child, configs)) {
        listening.set(ports.instance, ports.port);
        adminUrls[ports.instance] = `http://127.0.0.1:${ports.adminPort}`;
        if (ports.controlPort !== 0)
          controlAddresses[ports.instance] = `127.0.0.1:${ports.controlPort}`;
      }
    }
  } catch (error) {
    await end();
    throw error;
  }
  for (const running of processes) {
    running.child.once('exit', (code, signal) => {
      if (closing) return;
      const detail = signal === null ? `exit code ${code}` : `signal ${signal}`;
      options.onExit?.({ services: running.services, detail });
    });
  }

  const urls = Object.fromEntries(
    [...listening].flatMap(([instance, port]) =>
      port === 0 ? [] : [[instance, `http://127.0.0.1:${port}`]],
    ),
  ) as Record<string, string>;
  const put = async (instance: string, path: string, body = '') => {
    const response = await fetch(`${adminUrls[instance]}${path}`, { method: 'PUT', body });
    if (!response.ok) throw new Error(`${instance}${path}: ${await response.text()}`);
  };
  const demo: Demo = {
    urls,
    frontUrl: urls['proxy-access-control-v1-0']!,
    adminUrls,
    controlAddresses,
    scrapeTargets: Object.values(adminUrls).map((url) => `${url}/metrics`),
    pids: processes.flatMap(({ child }) => child.pid ?? []),
    async counters() {
      const texts = await Promise.all(
        Object.values(adminUrls).map(async (url) => (await fetch(`${url}/metrics`)).text()),
      );
      return texts.flatMap(parseCounts);
    },
    setRate: (requestsPerSecond) => put('clients-v1-0', '/-/rate', String(requestsPerSecond)),
    async drain() {
      await demo.setRate(0);
      // Front to back: what is behind can only be idle when what calls it is.
      for (const instance of [...listening.keys()].toReversed()) await put(instance, '/-/flush');
    },
    close: end,
  };
  options.signal?.addEventListener('abort', () => void end(), { once: true });
  await put('snort-ids-v1-0', '/-/alerts-to', controlAddresses['proxy-access-control-v1-0']);
  return demo;
}

function forkService(program: string): ChildProcess {
  return fork(program, [], {
    // Small services: small heaps, so that nine of them weigh little.
    execArgv: ['--max-old-space-size=96', '--max-semi-space-size=2', '--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function configure(
  child: ChildProcess,
  configs: readonly ServiceConfig[],
): Promise<readonly Ports[]> {
  child.send(configs);
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  const gone = new AbortController();
  const exited = () => gone.abort();
  child.once('exit', exited);
  try {
    const [message] = (await once(child, 'message', {
      signal: AbortSignal.any([late, gone.signal]),
    })) as [ProcessMessage];
    if (message.type === 'ready') return message.ports;
    if (message.type === 'reports') throw new Error('reports before the service was ready');
    throw Object.assign(new Error(message.message), { code: message.code });
  } catch (error) {
    if (!gone.signal.aborted && !late.aborted) throw error;
    const names = configs.map(({ name }) => name).join(', ');
    const what = late.aborted ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended';
    throw new Error(`the demo process of ${names} ${what}`, { cause: error });
  } finally {
    child.off('exit', exited);
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await exited;
  clearTimeout(late);
}

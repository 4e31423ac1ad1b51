// The live demo: the whole chain as child processes, in a mesh that reports their requests or reporting
// them themselves, and the counters they keep.
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Reach, ServiceConfig } from './config.ts';
import { type DemoCount, parseCounts } from './demo-counts.ts';
import { type DemoMesh, meshEndpoints, workloadOf } from './demo-mesh.ts';
import { configure, endProcess, forkService, order } from './demo-process.ts';
import type { ProcessMessage } from './main.ts';
import type { Reports } from './reports.ts';
import { sdcTopology } from './topology.ts';

export interface DemoOptions {
  /** The mesh that the services run in; without it they call each other directly and report themselves. */
  readonly mesh?: DemoMesh | undefined;
  /** OTLP/HTTP base that the services report to, without /v1/traces; not used in a mesh. */
  readonly otlpHttpUrl?: string | undefined;
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
  /** Base URL of each service's own program by its instance, such as `http-lb-v2-0`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where the clients' requests go: the mesh's gateway, else proxy-access-control. */
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
  configs: readonly ServiceConfig[];
}

/** Starts the demo; resolves when every service listens. Rejects with EADDRINUSE's message when `port` is taken. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { mesh } = options;
  const program = options.program ?? fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const stages = sdcTopology({
    inMesh: mesh !== undefined,
    otlpHttpUrl: options.otlpHttpUrl,
    alsoOtlpHttpUrl: options.alsoOtlpHttpUrl,
    port: options.port ?? 0,
    ratePerSecond: options.rate ?? 40,
    restartEveryMs: options.restartEveryMs ?? 60_000,
  });
  let closing = false;
  // All at once, because starting Node takes longer than configuring it.
  const processes = stages.map((): DemoProcess => ({ child: forkService(program), configs: [] }));
  const guide = mesh && createGuide(mesh, processes);
  const end = async () => {
    closing = true;
    guide?.close();
    // The clients first, so that nobody asks while the others go.
    await endProcess(processes.at(-1)!.child);
    await Promise.all([
      ...processes.map(({ child }) => endProcess(child)),
      mesh?.leave(instancesOf(processes.flatMap(({ configs }) => configs))),
    ]);
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
      running.configs = configs;
      const ports = await configure(running.child, configs);
      for (const one of ports) {
        listening.set(one.instance, one.port);
        adminUrls[one.instance] = `http://127.0.0.1:${one.adminPort}`;
        if (one.controlPort !== 0) controlAddresses[one.instance] = `127.0.0.1:${one.controlPort}`;
      }
      await mesh?.join(configs.flatMap((config, at) => workloadOf(config, ports[at]!) ?? []));
      guide?.tell();
    }
  } catch (error) {
    await end();
    throw error;
  }
  for (const { child, configs } of processes) {
    child.once('exit', (code, signal) => {
      if (closing) return;
      const services = instancesOf(configs);
      const detail = signal === null ? `exit code ${code}` : `signal ${signal}`;
      options.onExit?.({ services, detail });
      void mesh?.leave(services);
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
    frontUrl: mesh?.gateway() ?? urls['proxy-access-control-v1-0']!,
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
      await mesh?.flush();
    },
    close: end,
  };
  options.signal?.addEventListener('abort', () => void end(), { once: true });
  await put('snort-ids-v1-0', '/-/alerts-to', controlAddresses['proxy-access-control-v1-0']);
  return demo;
}

/** Tells the programs where the mesh's listeners are, and again when that has changed. */
function createGuide(mesh: DemoMesh, processes: readonly DemoProcess[]) {
  const told = new Map<string, string>();
  const tell = () => {
    for (const { child, configs } of processes) {
      for (const config of configs) {
        const reach = reachOf(config, mesh);
        const text = JSON.stringify(reach);
        if (told.get(config.instance) === text) continue;
        told.set(config.instance, text);
        order(child, { type: 'reach', instance: config.instance, reach });
      }
    }
  };
  return { tell, close: mesh.onChange(tell) };
}

function reachOf(config: ServiceConfig, mesh: DemoMesh): Reach {
  if (config.role === 'clients') return { target: mesh.gateway() ?? null };
  if (!('endpoints' in config)) return {};
  return { endpoints: meshEndpoints(mesh.outbound(config.instance), config.namespace) };
}

const instancesOf = (configs: readonly ServiceConfig[]): string[] =>
  configs.map(({ instance }) => instance);

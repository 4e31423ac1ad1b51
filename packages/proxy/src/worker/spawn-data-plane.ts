// The built-in data plane in a process of its own, started again when it ends by itself.

import type {
  AppliedConfig,
  DataPlane,
  DataPlaneConfig,
  DataPlaneStatistics,
  ListenerAddress,
} from '../data-plane.ts';
import { workerEnded } from '../errors.ts';
import type { WorkerSettings } from './messages.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

export interface SpawnedDataPlane extends DataPlane {
  /** Of the process now; null while there is none. */
  readonly pid: number | null;
  readonly metricsUrl: string | null;
  /** Resolves when the spans of all requests so far were taken by their collector, or after two seconds. */
  flush(): Promise<void>;
}

export interface SpawnOptions extends WorkerSettings {
  /** Told when the process ended by itself, and again when another stands in its place. */
  readonly onChange?: (change: { readonly live: boolean; readonly detail: string }) => void;
  /** The process's program; the package's own by default. */
  readonly file?: string;
  /** Node's own flags, such as `--cpu-prof`. */
  readonly execArgv?: readonly string[];
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** A process that lived so long starts with a short wait again. */
const STEADY_MS = 60_000;

const NOTHING_UNDER_WAY: DataPlaneStatistics = {
  connections: 0,
  refusedConnections: 0,
  bufferedBytes: 0,
  bodiesNotKept: 0,
  requestsRefused: 0,
  mirrorsDropped: 0,
  answersCut: 0,
  bugs: 0,
  clusters: [],
};

/** Resolves when the process is up, with no configuration yet. */
export async function spawnDataPlane(options: SpawnOptions = {}): Promise<SpawnedDataPlane> {
  const { onChange = () => {}, file, execArgv = [], ...settings } = options;
  let worker: WorkerProcess | undefined;
  /** Not yet in the place of the one that ended. */
  let starting: WorkerProcess | undefined;
  let metricsUrl: string | null = null;
  let config: DataPlaneConfig | undefined;
  let listeners: readonly ListenerAddress[] = [];
  let version = 0;
  let restarts = 0;
  let detail = '';
  let closed = false;
  let waitMs = FIRST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;

  async function start(): Promise<void> {
    const startedMs = performance.now();
    const fresh = forkWorker(file, execArgv);
    starting = fresh;
    void fresh.ended.then((how) => {
      if (worker === fresh) worker = undefined;
      if (closed) return;
      detail = `the data plane's process ended: ${how}`;
      onChange({ live: false, detail });
      if (performance.now() - startedMs > STEADY_MS) waitMs = FIRST_WAIT_MS;
      timer = setTimeout(() => {
        restarts++;
        start().catch(() => {}); // its end is told above, and tried again
      }, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
    try {
      const known = metricsUrl === null ? undefined : new URL(metricsUrl);
      const metrics = known
        ? { address: known.hostname, port: Number(known.port) }
        : settings.metrics;
      ({ metricsUrl } = await fresh.ask({
        kind: 'start',
        settings: { ...settings, ...(metrics && { metrics }) },
      }));
      if (config !== undefined) {
        const applied = await fresh.ask({ kind: 'apply', config: { ...config, keep: listeners } });
        ({ listeners } = applied);
      }
    } catch (error) {
      fresh.kill();
      throw error;
    } finally {
      if (!closed) starting = undefined;
    }
    if (closed) return;
    worker = fresh;
    detail = '';
    if (restarts > 0) onChange({ live: true, detail: `started again, ${restarts} times so far` });
  }

  async function apply(next: DataPlaneConfig): Promise<AppliedConfig> {
    if (worker === undefined) throw workerEnded(detail === '' ? 'closed' : detail);
    const applied = await worker.ask({ kind: 'apply', config: next });
    config = next;
    listeners = applied.listeners;
    version++;
    return { version, listeners };
  }

  try {
    await start();
  } catch (error) {
    closed = true;
    clearTimeout(timer);
    throw error;
  }
  return {
    get pid() {
      return worker?.pid ?? null;
    },
    get metricsUrl() {
      return metricsUrl;
    },
    apply,
    addresses: () => listeners,
    health: () => ({ live: worker !== undefined, version, restarts, detail }),
    async statistics() {
      if (worker === undefined) return NOTHING_UNDER_WAY;
      return worker.ask({ kind: 'statistics' });
    },
    async flush() {
      await worker?.ask({ kind: 'flush' });
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      starting?.kill();
      await starting?.ended;
      const last = worker;
      worker = undefined;
      if (last === undefined) return;
      await last.ask({ kind: 'close' }).catch(() => last.kill());
      await last.ended;
    },
  };
}

// Pulls spans from a Jaeger query API, as the original Clover did each sample_interval seconds, but
// whole: windows overlap so that late spans are caught, a window at Jaeger's silent limit is split,
// what was sent before is not sent again, and how complete a pull was is said.

import { isTracked, type Span } from '@clover/model';
import { SYSTEM_CLOCK, type Clock } from '../queue-limits.ts';
import { createPullLoop, type LoopStatus } from './pull-loop.ts';
import { createJaegerClient } from './jaeger-client.ts';
import { askWindows, type WindowCoverage } from './jaeger-windows.ts';
import { memoryState, type PullState } from './pull-state.ts';
import { createRecentKeys } from './recent-keys.ts';

export interface JaegerPullOptions {
  /** Base URL of the query API: http://127.0.0.1:16686, with a base path if it has one. */
  readonly url: string;
  readonly intervalMs: number;
  /** Services to pull, spelt as Jaeger or the original's files spell them; empty means all. */
  readonly services?: readonly string[];
  /** Resolves when the spans are durable, with what was refused. */
  readonly writeSpans: (
    spans: readonly Span[],
  ) => Promise<void | readonly { readonly reason: string; readonly count: number }[]>;
  readonly state?: PullState;
  /** How far back the first pull of a service goes. Default 1 h. */
  readonly lookbackMs?: number;
  /** How far each pull reaches back before the last one. Default 15 s, at least twice the interval. */
  readonly overlapMs?: number;
  /** How far it reaches back once in `deepEveryMs`, for spans that come very late. Default 5 min. */
  readonly deepOverlapMs?: number;
  /** Default 60 s. */
  readonly deepEveryMs?: number;
  /** Traces asked for at once; Jaeger cuts there without a word. Default 1,000. */
  readonly limit?: number;
  /** Default 20,000. */
  readonly highestLimit?: number;
  /** Of one answer; a larger one is asked for in halves. Default 256 MiB. */
  readonly maxAnswerBytes?: number;
  /** Of one request. Default 30 s. */
  readonly timeoutMs?: number;
  /** Keys of spans sent before that are remembered. Default 200,000. */
  readonly rememberedSpans?: number;
  readonly maxBackoffMs?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onChange?: (status: JaegerPullStatus) => void;
  /** Told how each pull ended. */
  readonly onPull?: (status: JaegerPullStatus) => void;
  /** Told what each write brought. */
  readonly onSpans?: (result: {
    spans: number;
    newestUnixMs: number;
    refused: readonly { reason: string; count: number }[];
  }) => void;
}

export interface JaegerPullStatus extends LoopStatus {
  readonly url: string;
  /** Of the last pull that came to its end, 0..1; null before one did. */
  readonly completeness: number | null;
  /** What the last pull that came to its end asked for begins here, unix ms; null before one did. */
  readonly askedFromMs: number | null;
  /** Why completeness is below 1, empty when it is not. */
  readonly incomplete: string;
  /** Jaeger's names of the services pulled. */
  readonly services: readonly string[];
  /** Since the start. */
  readonly spans: number;
  readonly requests: number;
  readonly refused: number;
  /** Of the last pull: spans that had been sent before. */
  readonly repeatedSpans: number;
}

export interface JaegerPull {
  start(): void;
  /** Another choice of services, from the next pull on. */
  setServices(services: readonly string[]): void;
  /** One pull now; never rejects. */
  pullNow(): Promise<JaegerPullStatus>;
  status(): JaegerPullStatus;
  /** Ends the pull under way, keeps the cursors. */
  close(): Promise<void>;
}

interface Cursors {
  readonly version: 1;
  /** Per service: pulled up to here, unix ms. */
  readonly services: Record<string, number>;
}

const SPANS_PER_WRITE = 2000;
const KEEP_STATE_EVERY_MS = 10_000;
const PARALLEL_SERVICES = 2;

export function createJaegerPull(options: JaegerPullOptions): JaegerPull {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const state = options.state ?? memoryState();
  const stateKey = `pull.jaeger ${options.url}`;
  const overlapMs = Math.max(options.overlapMs ?? 15_000, options.intervalMs * 2);
  const deepOverlapMs = Math.max(options.deepOverlapMs ?? 300_000, overlapMs);
  const deepEveryMs = options.deepEveryMs ?? 60_000;
  const recent = createRecentKeys(options.rememberedSpans ?? 200_000);
  const client = createJaegerClient({
    url: options.url,
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 256 * 2 ** 20,
  });
  let tracked = options.services ?? [];
  let cursors: Map<string, number> | undefined;
  let stateKeptMs = 0;
  let stateDirty = false;
  let deepMs = Number.NEGATIVE_INFINITY;
  const totals = { spans: 0, requests: 0, refused: 0 };
  let last = {
    completeness: null as number | null,
    askedFromMs: null as number | null,
    incomplete: '',
    services: [] as readonly string[],
    repeatedSpans: 0,
  };

  const loop = createPullLoop({
    intervalMs: options.intervalMs,
    pull,
    clock,
    ...(options.maxBackoffMs === undefined ? {} : { maxBackoffMs: options.maxBackoffMs }),
    ...(options.random === undefined ? {} : { random: options.random }),
    onChange: () => options.onChange?.(status()),
    onEnd: () => options.onPull?.(status()),
  });

  function status(): JaegerPullStatus {
    return { ...loop.status(), url: options.url, ...last, ...totals };
  }

  async function pull(signal: AbortSignal): Promise<string> {
    cursors ??= await loadCursors();
    const known = cursors;
    const endMs = clock.now();
    const all = await client.services(signal);
    const services = all.filter((service) => isTracked(service, tracked));
    const deep = endMs - deepMs >= deepEveryMs;
    const counts = { sent: 0, repeated: 0, refused: 0 };
    const coverages: WindowCoverage[] = [];
    let askedFromMs = endMs;
    const queue = [...services];
    const worker = async () => {
      for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
        const cursor = known.get(service);
        const startMs =
          cursor === undefined
            ? endMs - (options.lookbackMs ?? 3_600_000)
            : cursor - (deep ? deepOverlapMs : overlapMs);
        askedFromMs = Math.min(askedFromMs, startMs);
        const coverage = await pullService(service, startMs, endMs, counts, signal);
        coverages.push(coverage);
        totals.requests += coverage.requests;
        known.set(service, endMs);
        stateDirty = true;
      }
    };
    try {
      const ends = await Promise.allSettled(Array.from({ length: PARALLEL_SERVICES }, worker));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } finally {
      await keepCursors(endMs);
    }
    if (deep) deepMs = endMs;
    last = {
      ...completenessOf(coverages),
      askedFromMs,
      services,
      repeatedSpans: counts.repeated,
    };
    return describePull(services, all, counts.sent, last.incomplete);
  }

  async function pullService(
    service: string,
    startMs: number,
    endMs: number,
    counts: { sent: number; repeated: number; refused: number },
    signal: AbortSignal,
  ): Promise<WindowCoverage> {
    let waiting: Span[] = [];
    let keys: string[] = [];
    const flush = async () => {
      const [spans, theirs] = [waiting, keys];
      waiting = [];
      keys = [];
      if (spans.length === 0) return;
      try {
        const refused = (await options.writeSpans(spans)) ?? [];
        const lost = refused.reduce((sum, { count }) => sum + count, 0);
        totals.spans += spans.length - lost;
        totals.refused += lost;
        counts.sent += spans.length - lost;
        options.onSpans?.({ spans: spans.length - lost, newestUnixMs: newest(spans), refused });
      } catch (error) {
        for (const key of theirs) recent.delete(key); // the next pull sends them again
        throw error;
      }
    };
    try {
      const coverage = await askWindows(
        {
          startMicros: Math.max(0, Math.floor(startMs * 1000)),
          endMicros: Math.ceil(endMs * 1000),
        },
        {
          limit: options.limit ?? 1000,
          highestLimit: options.highestLimit ?? 20_000,
          ask: (window, limit) =>
            client.traces({ service, window, limit, signal }, async (spans, refused) => {
              totals.refused += refused;
              for (const span of spans) {
                const key = `${span.traceId}${span.spanId}${span.kind}`;
                if (recent.has(key)) {
                  counts.repeated++;
                  continue;
                }
                recent.add(key);
                waiting.push(span);
                keys.push(key);
              }
              if (waiting.length >= SPANS_PER_WRITE) await flush();
            }),
        },
      );
      await flush();
      return coverage;
    } catch (error) {
      // What came before the source broke off is good; what could not be written is asked for again.
      await flush().catch(() => undefined);
      throw error;
    }
  }

  async function loadCursors(): Promise<Map<string, number>> {
    const kept = await state.getState<Cursors>(stateKey);
    const entries = kept?.version === 1 ? Object.entries(kept.services) : [];
    // A cursor in the future is another clock's: it would skip what comes until then.
    return new Map(entries.filter(([, cursor]) => cursor <= clock.now()));
  }

  async function keepCursors(nowMs: number, now = false) {
    if (cursors === undefined || !stateDirty) return;
    if (!now && nowMs - stateKeptMs < KEEP_STATE_EVERY_MS) return;
    const value: Cursors = { version: 1, services: Object.fromEntries(cursors) };
    await state.putState(stateKey, value);
    stateKeptMs = nowMs;
    stateDirty = false;
  }

  return {
    start: () => loop.start(),
    setServices(services) {
      tracked = services;
    },
    async pullNow() {
      await loop.pullNow();
      return status();
    },
    status,
    async close() {
      await loop.close();
      await keepCursors(clock.now(), true);
    },
  };
}

function newest(spans: readonly Span[]): number {
  let newestMs = 0;
  for (const span of spans) {
    const endMs = Number((span.startTimeUnixNano + span.durationNs) / 1_000_000n);
    if (endMs > newestMs) newestMs = endMs;
  }
  return newestMs;
}

/** The share of the asked time that came without a cut; never 1 when anything was cut. */
function completenessOf(coverages: readonly WindowCoverage[]) {
  const sum = (pick: (coverage: WindowCoverage) => number) =>
    coverages.reduce((total, coverage) => total + pick(coverage), 0);
  const cut = sum((coverage) => coverage.cut);
  if (cut === 0) return { completeness: 1, incomplete: '' };
  const ratio =
    sum((coverage) => coverage.completeMicros) / sum((coverage) => coverage.totalMicros);
  return {
    completeness: Math.min(ratio, 0.999),
    incomplete: `Jaeger cut ${cut} answers at its limit although they cover one microsecond each`,
  };
}

function describePull(
  services: readonly string[],
  all: readonly string[],
  sent: number,
  incomplete: string,
): string {
  if (all.length === 0) return 'Jaeger knows no services yet';
  if (services.length === 0) {
    return `none of the tracked services is among Jaeger's ${all.length}: ${all.slice(0, 5).join(', ')}`;
  }
  const said = `${sent} new spans of ${services.length} service${services.length === 1 ? '' : 's'}`;
  return incomplete === '' ? said : `${said}; ${incomplete}`;
}

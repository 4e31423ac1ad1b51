// Pulls tracked metrics from a Prometheus query API, as the original Clover did each sample_interval
// seconds. It asks for the raw samples of a range (`{…}[30s]` at an instant), not for a resampled
// query_range: times and values are those that Prometheus scraped, so that overlapping windows give
// the same points again and not others between them.

import type { MetricBatch, TrackedSettings } from '@clover/model';
import { trackedMetricNames } from '@clover/model';
import { inferType } from '../metrics/infer-type.ts';
import { createMetricBatchBuilder } from '../metrics/metric-batch-builder.ts';
import { SYSTEM_CLOCK, type Clock } from '../queue-limits.ts';
import { createPullLoop, type LoopStatus } from './pull-loop.ts';
import { createPrometheusClient, type PulledSeries } from './prometheus-client.ts';
import { memoryState, type PullState } from './pull-state.ts';

export interface PrometheusPullOptions {
  /** Base URL: http://127.0.0.1:9090, with a base path if it has one. */
  readonly url: string;
  readonly intervalMs: number;
  readonly tracked: TrackedSettings;
  readonly writeMetrics: (batch: MetricBatch) => Promise<void>;
  readonly state?: PullState;
  /** How far back the first pull of a metric goes. Default 15 min. */
  readonly lookbackMs?: number;
  /** How far each pull reaches back before the last one: a scrape counts from when it began. Default 30 s, at least twice the interval. */
  readonly overlapMs?: number;
  /** After a longer pause the rest is left out, and said. Default 6 h. */
  readonly maxCatchUpMs?: number;
  /** Of one answer; a larger one is asked for in halves. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Of one request. Default 30 s. */
  readonly timeoutMs?: number;
  readonly maxBackoffMs?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onChange?: (status: PrometheusPullStatus) => void;
  /** Told how each pull ended. */
  readonly onPull?: (status: PrometheusPullStatus) => void;
  readonly onPoints?: (result: { points: number; newestUnixMs: number }) => void;
}

export interface PrometheusPullStatus extends LoopStatus {
  readonly url: string;
  /** Of the last pull that came to its end, 0..1: the share of the time since the pull before that it covers; null before one did. */
  readonly completeness: number | null;
  /** What the last pull that came to its end asked for begins here, unix ms; null before one did. */
  readonly askedFromMs: number | null;
  /** Why completeness is below 1, empty when it is not. */
  readonly incomplete: string;
  /** Names asked for. */
  readonly names: number;
  /** Names that Prometheus had samples of in the last pull. */
  readonly namesFound: number;
  /** Since the start. */
  readonly points: number;
  readonly requests: number;
}

export interface PrometheusPull {
  start(): void;
  /** Other metrics, from the next pull on. */
  setTracked(tracked: TrackedSettings): void;
  /** One pull now; never rejects. */
  pullNow(): Promise<PrometheusPullStatus>;
  status(): PrometheusPullStatus;
  close(): Promise<void>;
}

interface Cursor {
  readonly version: 1;
  /** Per metric name: pulled up to here, unix ms. */
  readonly names: Record<string, number>;
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NAMES_PER_REQUEST = 60;
const KEEP_STATE_EVERY_MS = 10_000;
const MAX_SERIES_REMEMBERED = 200_000;
const MIN_WINDOW_MS = 1000;

export function createPrometheusPull(options: PrometheusPullOptions): PrometheusPull {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const state = options.state ?? memoryState();
  const stateKey = `pull.prometheus ${options.url}`;
  const overlapMs = Math.max(options.overlapMs ?? 30_000, options.intervalMs * 2);
  const lookbackMs = options.lookbackMs ?? 900_000;
  const maxCatchUpMs = Math.max(options.maxCatchUpMs ?? 21_600_000, lookbackMs);
  const client = createPrometheusClient({
    url: options.url,
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 64 * 2 ** 20,
  });
  /** Per series the time of its newest point that is durable. Samples of a series come in order. */
  const newestSent = new Map<string, number>();
  const totals = { points: 0, requests: 0 };
  let names = namesOf(options.tracked);
  let cursors: Map<string, number> | undefined;
  let stateKeptMs = 0;
  let last = {
    completeness: null as number | null,
    askedFromMs: null as number | null,
    incomplete: '',
    namesFound: 0,
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

  function status(): PrometheusPullStatus {
    const { good } = names;
    return { ...loop.status(), url: options.url, ...last, ...totals, names: good.length };
  }

  async function pull(signal: AbortSignal): Promise<string> {
    const { good, bad } = names;
    const first = cursors === undefined;
    if (first || good.length === 0) await client.ping(signal);
    // Samples carry Prometheus' time: windows go by its clock, or a slow one would never be reached.
    const aheadMs = client.aheadMs();
    const endMs = clock.now() + aheadMs;
    cursors ??= await loadCursors(endMs);
    const known = cursors;
    if (good.length === 0) {
      last = { completeness: null, askedFromMs: endMs, incomplete: '', namesFound: 0 };
      return bad.length === 0
        ? 'no metrics are tracked: set prefixes, suffixes and services, or custom metrics'
        : `"${bad[0]}" is not a metric name`;
    }
    const found = new Set<string>();
    const problems = new Set<string>();
    const cover = { askedMs: 0, completeMs: 0 };
    let askedFromMs = endMs;
    for (const { group, startMs, lostMs } of groupByCursor(good, known, endMs)) {
      askedFromMs = Math.min(askedFromMs, startMs);
      if (lostMs > 0) {
        problems.add(`${Math.round(lostMs / 60_000)} minutes were left out after a long pause`);
      }
      cover.askedMs += (endMs - startMs + lostMs) * group.length;
      const complete = await pullWindow(group, startMs, endMs, { found, problems, signal });
      cover.completeMs += complete * group.length;
      for (const name of group) known.set(name, endMs);
    }
    await keepCursors(endMs);
    const ratio = cover.askedMs === 0 ? 1 : cover.completeMs / cover.askedMs;
    last = {
      completeness: problems.size > 0 ? Math.min(ratio, 0.999) : 1,
      askedFromMs,
      incomplete: [...problems].join('; '),
      namesFound: found.size,
    };
    const said = `${found.size} of ${good.length} tracked metrics have samples`;
    const wrong = bad.length === 0 ? '' : `; "${bad[0]}" is not a metric name`;
    const skew =
      aheadMs === 0
        ? ''
        : `; its clock is ${Math.abs(aheadMs) / 1000} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ours`;
    return said + wrong + skew + (last.incomplete === '' ? '' : `; ${last.incomplete}`);
  }

  /** Names whose windows begin alike go into one request. */
  function groupByCursor(
    good: readonly string[],
    known: ReadonlyMap<string, number>,
    endMs: number,
  ) {
    const byStart = new Map<number, string[]>();
    for (const name of good) {
      const cursor = known.get(name);
      const startMs = cursor === undefined ? endMs - lookbackMs : cursor - overlapMs;
      const group = byStart.get(startMs) ?? [];
      group.push(name);
      byStart.set(startMs, group);
    }
    return [...byStart].flatMap(([from, all]) => {
      const startMs = Math.max(from, endMs - maxCatchUpMs);
      const groups: { group: string[]; startMs: number; lostMs: number }[] = [];
      for (let at = 0; at < all.length; at += NAMES_PER_REQUEST) {
        const group = all.slice(at, at + NAMES_PER_REQUEST);
        groups.push({ group, startMs, lostMs: startMs - from });
      }
      return groups;
    });
  }

  /** Gives how many ms of the window came whole. */
  async function pullWindow(
    group: readonly string[],
    startMs: number,
    endMs: number,
    context: { found: Set<string>; problems: Set<string>; signal: AbortSignal },
  ): Promise<number> {
    totals.requests++;
    const answer = await client.samples({ names: group, startMs, endMs, signal: context.signal });
    if (answer === 'too_large') {
      if (endMs - startMs > MIN_WINDOW_MS) {
        const middle = Math.floor((startMs + endMs) / 2);
        const older = await pullWindow(group, startMs, middle, context);
        return older + (await pullWindow(group, middle, endMs, context));
      }
      context.problems.add('Prometheus refuses to give so many samples of one second at once');
      return 0;
    }
    for (const warning of answer.warnings) context.problems.add(`Prometheus warns: ${warning}`);
    for (const series of answer.series) context.found.add(series.name);
    await write(answer.series, context.signal);
    return answer.warnings.length === 0 ? endMs - startMs : 0;
  }

  async function write(list: readonly PulledSeries[], signal: AbortSignal) {
    const builder = createMetricBatchBuilder('prometheus');
    const sent: [string, number][] = [];
    for (const series of list) {
      const key = seriesKey(series);
      const after = newestSent.get(key) ?? Number.NEGATIVE_INFINITY;
      const fresh = series.points.filter(([time]) => time > after);
      if (fresh.length === 0) continue;
      const meta = await client.metadata(series.name, signal);
      const index = builder.series(key, () => ({
        name: series.name,
        labels: series.labels,
        type: meta?.type ?? inferType(series.name, series.labels),
        unit: meta?.unit ?? '',
        help: meta?.help ?? '',
      }));
      for (const [time, value] of fresh) builder.point(index, time, value);
      sent.push([key, fresh.at(-1)![0]]);
    }
    if (builder.points === 0) return;
    const { points } = builder;
    await options.writeMetrics(builder.take());
    if (newestSent.size > MAX_SERIES_REMEMBERED) newestSent.clear(); // the store keeps doubles out
    for (const [key, time] of sent) newestSent.set(key, time);
    totals.points += points;
    const newestUnixMs = sent.reduce((newest, [, time]) => Math.max(newest, time), 0);
    options.onPoints?.({ points, newestUnixMs });
  }

  async function loadCursors(nowMs: number): Promise<Map<string, number>> {
    const kept = await state.getState<Cursor>(stateKey);
    const entries = kept?.version === 1 ? Object.entries(kept.names) : [];
    return new Map(entries.filter(([, cursor]) => cursor <= nowMs));
  }

  async function keepCursors(nowMs: number, now = false) {
    if (cursors === undefined || (!now && nowMs - stateKeptMs < KEEP_STATE_EVERY_MS)) return;
    const value: Cursor = { version: 1, names: Object.fromEntries(cursors) };
    await state.putState(stateKey, value);
    stateKeptMs = nowMs;
  }

  return {
    start: () => loop.start(),
    setTracked(tracked) {
      names = namesOf(tracked);
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

function namesOf(tracked: TrackedSettings) {
  const all = trackedMetricNames(tracked).map(({ name }) => name);
  return {
    good: all.filter((name) => METRIC_NAME.test(name)),
    bad: all.filter((name) => !METRIC_NAME.test(name)),
  };
}

function seriesKey(series: PulledSeries): string {
  const labels = Object.keys(series.labels).sort();
  return [series.name, ...labels.map((name) => `${name}\u0001${series.labels[name]}`)].join(
    '\u0000',
  );
}

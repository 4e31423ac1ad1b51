// The per-minute windows: which minutes were touched, and computing those that have come to rest.
//
// A writer says which minutes it is about to touch, and until when it may (a row of touched_minutes),
// before it inserts. A window holds while it was computed after that. A recomputation writes its rows
// under a new revision and its `windows` row last, so that a reader sees the old or the new, whole.
//
// A call's two spans may lie in two minutes. So a minute is computed only when its neighbours rest too,
// and when spans come later than that, the minutes of the same traces are computed again with it.
//
// When all minutes of an hour that is over are computed, so are its RED figures without operations.

import type { SpanBatch } from '@clover/model';
import type { Engine } from './engine/engine.ts';
import { createLateSpans } from './late-spans.ts';
import { edgeRowsFromSpans, LOOKAHEAD_MS, LOOKBACK_MS } from './queries/calls.ts';
import { computeHours } from './rollup-hours.ts';
import {
  EDGE_COLUMNS,
  inline,
  MINUTE_MS,
  RED_COLUMNS,
  redRowsFromSpans,
} from './queries/windows.ts';
import { timeCondition } from './queries/where.ts';
import type { StoreLogger } from './store.ts';

export interface Rollups {
  /** To be awaited before the batch is inserted. */
  touch(batch: SpanBatch): Promise<void>;
  /** Computes all minutes that are dirty now, resting or not. */
  refresh(): Promise<void>;
  /** Minutes that wait. */
  dirtyMinutes(): Promise<number>;
  forget(): void;
  start(): void;
  close(): Promise<void>;
}

/** A touch holds this long, so that a busy minute is not written down for every batch. */
const TOUCH_MS = 45_000;
/** A touch that ends sooner is renewed before an insert, which may take its time. */
const RENEW_MS = 15_000;
const STEP_EVERY_MS = 5000;
const NEIGHBOURS = 2;
/** Few at a time in the background, so that ingest is not starved; more when somebody waits. */
const MINUTES_A_STEP = 30;
const MINUTES_A_REFRESH = 240;
const REMEMBERED = 20_000;
const HOURS_EVERY_MS = 60_000;
/** RED of a minute is kept when a row sums at least ten spans (a row costs as much to read), or there are few rows. */
const SPANS_A_ROW = 10;
const FEW_ROWS = 100;

export interface RollupOptions {
  readonly engine: Engine;
  readonly clock: () => number;
  readonly logger?: StoreLogger | undefined;
}

export function createRollups({ engine, clock, logger }: RollupOptions): Rollups {
  /** Until when a minute may be touched without another word, unix ms. */
  const touched = new Map<number, number>();
  const lateSpans = createLateSpans(engine, clock);
  let timer: NodeJS.Timeout | undefined;
  let hoursDueAt = 0;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  /** One computation at a time. */
  function exclusively(work: () => Promise<void>): Promise<void> {
    running = running.then(work, work);
    return running;
  }

  async function step(): Promise<void> {
    const minutes = restingMinutes(await readDirty(engine), clock()).slice(0, MINUTES_A_STEP);
    if (minutes.length > 0) {
      lateSpans.computing(minutes.at(-1)!);
      await compute(engine, minutes, clock);
    }
    if (performance.now() < hoursDueAt) return;
    hoursDueAt = performance.now() + HOURS_EVERY_MS;
    await computeHours(engine, clock);
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      exclusively(step)
        .catch((error: unknown) =>
          logger?.warn(
            { err: error },
            'the per-minute windows could not be computed; trying again',
          ),
        )
        .finally(schedule);
    }, STEP_EVERY_MS);
    timer.unref();
  }

  return {
    async touch(batch) {
      const now = clock();
      const own = minutesOf(batch);
      const minutes = [...new Set([...own, ...(await lateSpans.minutes(batch))])].filter(
        (minute) => (touched.get(minute) ?? 0) < now + RENEW_MS,
      );
      if (minutes.length === 0) return;
      const until = now + TOUCH_MS;
      await engine.insertRows(
        'touched_minutes',
        minutes.map((minute) => ({ minute: minute / 1000, until: new Date(until).toISOString() })),
      );
      if (touched.size > REMEMBERED) touched.clear();
      for (const minute of minutes) touched.set(minute, until);
    },
    refresh: () =>
      exclusively(async () => {
        const dirty = await readDirty(engine);
        const minutes = dirty.map(({ minute }) => minute);
        if (minutes.length > 0) lateSpans.computing(minutes.at(-1)!);
        for (let at = 0; at < minutes.length; at += MINUTES_A_REFRESH)
          await compute(engine, minutes.slice(at, at + MINUTES_A_REFRESH), clock);
        await computeHours(engine, clock);
      }),
    dirtyMinutes: async () => (await readDirty(engine)).length,
    forget() {
      touched.clear();
      lateSpans.forget();
    },
    start: schedule,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running.catch(() => undefined);
    },
  };
}

/** Distinct minutes that spans of the batch start in, unix ms. */
function minutesOf(batch: SpanBatch): number[] {
  const minutes = new Set<number>();
  let from = 0n;
  let to = 0n;
  for (let row = 0; row < batch.count; row++) {
    const start = batch.startTimesUnixNano[row]!;
    if (start >= from && start < to) continue;
    from = start - (start % 60_000_000_000n);
    to = from + 60_000_000_000n;
    minutes.add(Number(from / 1_000_000n));
  }
  return [...minutes];
}

interface Dirty {
  readonly minute: number;
  readonly until: number;
}

async function readDirty(engine: Engine): Promise<Dirty[]> {
  const rows = await engine.query<{ minute: number; until: number }>(
    `SELECT toUnixTimestamp(t.minute) AS minute, toUnixTimestamp64Milli(t.until) AS until
     FROM (SELECT minute, max(until) AS until FROM touched_minutes GROUP BY minute) AS t
     LEFT ANY JOIN (SELECT minute, computed_at FROM windows FINAL WHERE level = 60) AS w ON w.minute = t.minute
     WHERE t.until >= w.computed_at
     ORDER BY minute`,
    {},
    { role: 'background' },
  );
  return rows.map(({ minute, until }) => ({ minute: minute * 1000, until }));
}

/** Minutes that nobody may touch now, nor the next ones: their calls are complete. */
function restingMinutes(dirty: readonly Dirty[], now: number): number[] {
  const busy = new Set(dirty.filter(({ until }) => until >= now).map(({ minute }) => minute));
  const rests = (minute: number) => {
    for (let next = 0; next <= NEIGHBOURS; next++)
      if (busy.has(minute + next * MINUTE_MS)) return false;
    return true;
  };
  return dirty.filter(({ minute }) => rests(minute)).map(({ minute }) => minute);
}

async function compute(
  engine: Engine,
  minutes: readonly number[],
  clock: () => number,
): Promise<void> {
  const computedAt = clock();
  const all = [...new Set([...minutes, ...(await sharingMinutes(engine, minutes))])].toSorted(
    (a, b) => a - b,
  );
  const revision = computedAt;
  const written: object[] = [];
  for (const range of runsOf(all)) {
    const counted = await engine.query<Counted>(
      `SELECT toUnixTimestamp(toStartOfMinute(start)) AS minute, uniqExact(trace_id, span_id, kind) AS spans, count() - spans AS duplicates,
         uniqExact(service, version, namespace, name, kind, direction, http_status) AS red_rows
       FROM spans WHERE ${timeCondition(range, inline)} GROUP BY minute`,
      {},
      { role: 'background' },
    );
    const found = new Map(counted.map((one) => [one.minute * 1000, one]));
    const dense = counted.filter(isDense).map(({ minute }) => minute);
    if (dense.length > 0)
      await engine.command(
        `INSERT INTO red_minutes (${RED_COLUMNS}, revision) SELECT ${RED_COLUMNS}, ${revision} FROM (${redRowsFromSpans([range], inMinutes(dense))})`,
        {},
        { role: 'background' },
      );
    await engine.command(
      `INSERT INTO edge_minutes (${EDGE_COLUMNS}, revision) SELECT ${EDGE_COLUMNS}, ${revision} FROM (${edgeRowsFromSpans([range], inline, { from: 'spans FINAL', judgeAll: true })})`,
      {},
      { role: 'background' },
    );
    for (let minute = range.startMs; minute < range.endMs; minute += MINUTE_MS) {
      const one = found.get(minute);
      written.push({
        level: 60,
        minute: minute / 1000,
        revision,
        spans: one?.spans ?? 0,
        duplicates: one?.duplicates ?? 0,
        has_red: one && isDense(one) ? 1 : 0,
        computed_at: new Date(computedAt).toISOString(),
      });
    }
  }
  await engine.insertRows('windows', written);
}

interface Counted {
  /** Unix seconds. */
  readonly minute: number;
  readonly spans: number;
  readonly duplicates: number;
  readonly red_rows: number;
}

const isDense = ({ spans, red_rows: rows }: Counted) =>
  rows <= FEW_ROWS || rows * SPANS_A_ROW <= spans;

/** @param minutes unix seconds */
const inMinutes = (minutes: readonly number[]) =>
  `toStartOfMinute(start) IN (${minutes.map((minute) => `toDateTime(${minute}, 'UTC')`).join(', ')})`;

/**
 * Minutes computed before that hold spans of the same traces. When nothing newer was computed yet, only traces
 * whose root is elsewhere can have some.
 */
async function sharingMinutes(engine: Engine, minutes: readonly number[]): Promise<number[]> {
  const first = Math.min(...minutes);
  const last = Math.max(...minutes) + MINUTE_MS;
  const wide = { startMs: first - LOOKBACK_MS, endMs: last + Math.max(LOOKAHEAD_MS, LOOKBACK_MS) };
  const bounds = `minute >= toDateTime(${wide.startMs / 1000}, 'UTC') AND minute < toDateTime(${wide.endMs / 1000}, 'UTC')`;
  const computed = await engine.query<{ minute: number }>(
    `SELECT toUnixTimestamp(minute) AS minute FROM windows FINAL WHERE level = 60 AND spans > 0 AND ${bounds}`,
    {},
    { role: 'background' },
  );
  const own = new Set(minutes);
  const others = computed.map(({ minute }) => minute * 1000).filter((minute) => !own.has(minute));
  if (others.length === 0) return [];
  const late = others.some((minute) => minute > first);
  const traces = `SELECT trace_id FROM spans WHERE ${timeCondition({ startMs: first, endMs: last }, inline)} AND ${inMinutes(minutes.map((minute) => minute / 1000))}
    GROUP BY trace_id ${late ? '' : 'HAVING countIf(empty(parent_id)) = 0'}`;
  const range = { startMs: Math.min(...others), endMs: Math.max(...others) + MINUTE_MS };
  const rows = await engine.query<{ minute: number }>(
    `SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start)) AS minute FROM spans WHERE ${timeCondition(range, inline)} AND trace_id IN (${traces})`,
    {},
    { role: 'background' },
  );
  const known = new Set(others);
  return rows.map(({ minute }) => minute * 1000).filter((minute) => known.has(minute));
}

/** Neighbouring minutes as one range each. */
function runsOf(minutes: readonly number[]): { startMs: number; endMs: number }[] {
  const runs: { startMs: number; endMs: number }[] = [];
  for (const minute of minutes) {
    const last = runs.at(-1);
    if (last?.endMs === minute) last.endMs = minute + MINUTE_MS;
    else runs.push({ startMs: minute, endMs: minute + MINUTE_MS });
  }
  return runs;
}

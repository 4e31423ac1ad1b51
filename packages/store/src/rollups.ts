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
import { storeErrors } from './errors.ts';
import { createLateSpans } from './late-spans.ts';
import { MINUTE_MS } from './queries/ranges.ts';
import { computeHours } from './rollup-hours.ts';
import { computeMinutes, type DirtyMinute, type FailedMinutes } from './rollup-minutes.ts';
import type { StoreLogger } from './store.ts';

export interface Rollups {
  /** To be awaited before the batch is inserted. */
  touch(batch: SpanBatch): Promise<void>;
  /** Computes those that have come to rest, a few; what `start` does again and again. */
  step(): Promise<void>;
  /** Computes all minutes that are dirty now, resting or not. Throws what the first of those that failed did, after all. */
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
/** A minute that failed is tried again after this, then after twice as long, and so on. */
const RETRY_FIRST_MS = 30_000;
const RETRY_LAST_MS = 3_600_000;

export interface RollupOptions {
  readonly engine: Engine;
  readonly clock: () => number;
  readonly logger?: StoreLogger | undefined;
  /** Spans whose calls are joined in one statement. */
  readonly spansAtOnce?: number | undefined;
}

export function createRollups(options: RollupOptions): Rollups {
  const { engine, clock, logger } = options;
  /** Until when a minute may be touched without another word, unix ms. */
  const touched = new Map<number, number>();
  const lateSpans = createLateSpans(engine, clock);
  /** Minutes that failed: when to try again (unix ms), and after how long that is. */
  const failures = new Map<number, { retryAt: number; afterMs: number }>();
  const closing = new AbortController();
  const isPostponed = (minute: number) => (failures.get(minute)?.retryAt ?? 0) > clock();

  async function compute(minutes: readonly DirtyMinute[]): Promise<readonly FailedMinutes[]> {
    lateSpans.computing(minutes.at(-1)!.minute);
    const { signal } = closing;
    const computed = await computeMinutes(minutes, { ...options, isPostponed, signal });
    for (const minute of computed.minutes) failures.delete(minute);
    for (const one of computed.failed) postpone(one);
    return computed.failed;
  }

  let timer: NodeJS.Timeout | undefined;
  let hoursDueAt = 0;
  let running: Promise<void> = Promise.resolve();

  /** One computation at a time. */
  function exclusively(work: () => Promise<void>): Promise<void> {
    running = running.then(work, work);
    return running;
  }

  async function step(): Promise<void> {
    const minutes = restingMinutes(await readDirty(engine), clock())
      .filter(({ minute }) => !isPostponed(minute))
      .slice(0, MINUTES_A_STEP);
    if (minutes.length > 0) await compute(minutes);
    if (closing.signal.aborted || performance.now() < hoursDueAt) return;
    hoursDueAt = performance.now() + HOURS_EVERY_MS;
    await computeHours(engine, clock);
  }

  function postpone({ minutes, error }: FailedMinutes): void {
    const afterMs = Math.max(
      ...minutes.map((minute) =>
        Math.min(RETRY_LAST_MS, 2 * (failures.get(minute)?.afterMs ?? RETRY_FIRST_MS / 2)),
      ),
    );
    if (failures.size > REMEMBERED) failures.clear();
    for (const minute of minutes) failures.set(minute, { retryAt: clock() + afterMs, afterMs });
    logger?.warn(
      {
        err: error,
        from: new Date(minutes[0]!).toISOString(),
        minutes: minutes.length,
        againInMs: afterMs,
      },
      'the windows of some minutes could not be computed: they are read from their spans until then',
    );
  }

  function schedule(): void {
    if (closing.signal.aborted) return;
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
    step: () => exclusively(step),
    refresh: () =>
      exclusively(async () => {
        const minutes = await readDirty(engine);
        const failed: FailedMinutes[] = [];
        for (let at = 0; at < minutes.length; at += MINUTES_A_REFRESH)
          failed.push(...(await compute(minutes.slice(at, at + MINUTES_A_REFRESH))));
        if (closing.signal.aborted) throw storeErrors.closed();
        await computeHours(engine, clock);
        if (failed.length > 0) throw failed[0]!.error;
      }),
    dirtyMinutes: async () => (await readDirty(engine)).length,
    forget() {
      touched.clear();
      failures.clear();
      lateSpans.forget();
    },
    start: schedule,
    async close() {
      closing.abort();
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

async function readDirty(engine: Engine): Promise<DirtyMinute[]> {
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
function restingMinutes(dirty: readonly DirtyMinute[], now: number): DirtyMinute[] {
  const busy = new Set(dirty.filter(({ until }) => until >= now).map(({ minute }) => minute));
  const rests = (minute: number) => {
    for (let next = 0; next <= NEIGHBOURS; next++)
      if (busy.has(minute + next * MINUTE_MS)) return false;
    return true;
  };
  return dirty.filter(({ minute }) => rests(minute));
}

// Computing the windows of some minutes from their spans: RED, calls, and what is known about each minute.
// Calls are joined for few spans at a time: for minutes that have so many together, or, of a minute that has
// more, for some of its traces. Each part is whole when it is written, and one that fails leaves the others be.

import { timeoutOf, type Engine } from './engine/engine.ts';
import { edgeRowsFromSpans, LOOKAHEAD_MS, LOOKBACK_MS } from './queries/calls.ts';
import { edgeSumsOf, SPANS_AT_ONCE } from './queries/edge-sums.ts';
import { joinedRanges, MINUTE_MS, minuteRange, minutesOf, type Range } from './queries/ranges.ts';
import { timeCondition } from './queries/where.ts';
import { EDGE_COLUMNS, RED_COLUMNS, redRowsFromSpans } from './queries/windows.ts';
import { inline } from './queries/query-params.ts';

/** A minute (unix ms) that was touched, and until when it was allowed to. */
export interface DirtyMinute {
  readonly minute: number;
  readonly until: number;
}

export interface ComputeOptions {
  readonly engine: Engine;
  readonly clock: () => number;
  readonly spansAtOnce?: number | undefined;
  /** Not to be computed for the sake of others. */
  readonly isPostponed?: (minute: number) => boolean;
  /** Aborted, it ends after the statement under way; what is computed by then stays. */
  readonly signal?: AbortSignal | undefined;
}

export interface Computed {
  /** Unix ms. */
  readonly minutes: readonly number[];
  readonly failed: readonly FailedMinutes[];
}

/** Minutes (unix ms, ascending) that have no window now. */
export interface FailedMinutes {
  readonly minutes: readonly number[];
  readonly error: unknown;
}

/** RED of a minute is kept when a row sums at least ten spans (a row costs as much to read), or there are few rows. */
const SPANS_A_ROW = 10;
const FEW_ROWS = 100;
const BACKGROUND = { role: 'background' } as const;

/**
 * Minutes ascend. Those computed before that hold spans of the same traces are computed again with them.
 * Throws when none could be begun.
 */
export async function computeMinutes(
  dirty: readonly DirtyMinute[],
  options: ComputeOptions,
): Promise<Computed> {
  const { engine, signal, isPostponed = () => false } = options;
  const computedAt = options.clock();
  const sharing = await sharingMinutes(engine, dirty);
  await touchAgain(engine, sharing);
  const minutes = [
    ...dirty.map(({ minute }) => minute),
    ...sharing.map(({ minute }) => minute).filter((minute) => !isPostponed(minute)),
  ];
  const computed: number[] = [];
  const failed: FailedMinutes[] = [];
  /** Its result, or undefined when it failed or is not wanted any more. */
  const attempt = async <Result>(range: Range, work: () => Promise<Result>) => {
    if (signal?.aborted) return undefined;
    try {
      return await work();
    } catch (error) {
      if (!signal?.aborted) failed.push({ minutes: minutesOf(range), error });
      return undefined;
    }
  };
  for (const range of joinedRanges(minutes.map(minuteRange))) {
    const found = await attempt(range, () => countMinutes(engine, range));
    if (!found) continue;
    const { spansAtOnce = SPANS_AT_ONCE } = options;
    for (const part of partsOf(range, (minute) => found.get(minute)?.spans ?? 0, spansAtOnce))
      await attempt(part, async () => {
        await computePart(part, found, { ...options, computedAt, spansAtOnce });
        computed.push(...minutesOf(part));
      });
  }
  return { minutes: computed, failed };
}

interface PartOptions extends ComputeOptions {
  readonly computedAt: number;
  readonly spansAtOnce: number;
}

/** Its rows, and last those of `windows`, by which they count. */
async function computePart(
  part: Range,
  found: ReadonlyMap<number, Counted>,
  options: PartOptions,
): Promise<void> {
  const { engine, computedAt } = options;
  const minutes = minutesOf(part);
  const dense = minutes.filter((minute) => isDense(found.get(minute)));
  if (dense.length > 0)
    await engine.command(
      `INSERT INTO red_minutes (${RED_COLUMNS}, revision) SELECT ${RED_COLUMNS}, ${computedAt} FROM (${redRowsFromSpans([part], inMinutes(dense))})`,
      {},
      BACKGROUND,
    );
  const [first] = minutes;
  if (minutes.length === 1 && (found.get(first!)?.spans ?? 0) > options.spansAtOnce)
    await writeInSlices(first!, options);
  else
    await engine.command(
      `INSERT INTO edge_minutes (${EDGE_COLUMNS}, revision) SELECT ${EDGE_COLUMNS}, ${computedAt} FROM (${edgeRowsFromSpans([part], inline, { from: 'spans FINAL', judgeAll: true })})`,
      {},
      BACKGROUND,
    );
  await engine.insertRows(
    'windows',
    minutes.map((minute) => ({
      level: 60,
      minute: minute / 1000,
      revision: computedAt,
      spans: found.get(minute)?.spans ?? 0,
      duplicates: found.get(minute)?.duplicates ?? 0,
      has_red: dense.includes(minute) ? 1 : 0,
      computed_at: new Date(computedAt).toISOString(),
    })),
  );
}

interface Counted {
  readonly spans: number;
  readonly duplicates: number;
  readonly redRows: number;
}

/** Per minute (unix ms) that has spans. */
async function countMinutes(engine: Engine, range: Range): Promise<Map<number, Counted>> {
  const where = timeCondition(range, inline);
  const minute = 'toUnixTimestamp(toStartOfMinute(start)) AS minute';
  const once = await engine.query<{ minute: number; spans: number; red_rows: number }>(
    `SELECT ${minute}, count() AS spans, uniqExact(service, version, namespace, name, kind, direction, http_status) AS red_rows
     FROM spans FINAL WHERE ${where} GROUP BY minute`,
    {},
    BACKGROUND,
  );
  const stored = await engine.query<{ minute: number; spans: number }>(
    `SELECT ${minute}, count() AS spans FROM spans WHERE ${where} GROUP BY minute`,
    {},
    BACKGROUND,
  );
  const rows = new Map(stored.map((one) => [one.minute, one.spans]));
  return new Map(
    once.map(({ minute: seconds, spans, red_rows: redRows }) => [
      seconds * 1000,
      { spans, redRows, duplicates: Math.max(0, (rows.get(seconds) ?? spans) - spans) },
    ]),
  );
}

const isDense = (minute: Counted | undefined): boolean =>
  minute !== undefined &&
  (minute.redRows <= FEW_ROWS || minute.redRows * SPANS_A_ROW <= minute.spans);

async function writeInSlices(
  minute: number,
  { engine, computedAt, spansAtOnce, signal }: PartOptions,
): Promise<void> {
  const background = {
    select: <Row>(sql: string, params = {}, options = {}) =>
      engine.query<Row>(sql, params, { ...options, ...BACKGROUND }),
  };
  const rows = await edgeSumsOf(background, [minuteRange(minute)], {
    judgeAll: true,
    spansAtOnce,
    timeoutMs: timeoutOf(BACKGROUND),
    signal,
  });
  await engine.insertRows(
    'edge_minutes',
    rows.map(({ latency, client_latency: clientLatency, ...row }) => ({
      ...row,
      minute: minute / 1000,
      revision: computedAt,
      latency_buckets: latency[0],
      latency_weights: latency[1],
      client_latency_buckets: clientLatency[0],
      client_latency_weights: clientLatency[1],
    })),
  );
}

/** Neighbouring minutes that have at most so many spans together; a minute that has more stands alone. */
function partsOf(range: Range, spansOf: (minute: number) => number, limit: number): Range[] {
  const parts: { startMs: number; endMs: number }[] = [];
  let open = 0;
  for (const minute of minutesOf(range)) {
    const spans = spansOf(minute);
    const last = parts.at(-1);
    if (last && open + spans <= limit) last.endMs = minute + MINUTE_MS;
    else parts.push(minuteRange(minute));
    open = last && open + spans <= limit ? open + spans : spans;
  }
  return parts;
}

/** @param minutes unix ms */
const inMinutes = (minutes: readonly number[]) =>
  `toStartOfMinute(start) IN (${minutes.map((minute) => `toDateTime(${minute / 1000}, 'UTC')`).join(', ')})`;

/** A minute (unix ms) with the time at which it was computed. */
interface ComputedMinute {
  readonly minute: number;
  readonly computedAt: number;
}

/**
 * Minutes computed before that hold spans of the same traces. When nothing newer was computed yet, only traces
 * whose root is elsewhere can have some. A minute computed when all that is dirty now was there already has seen it.
 */
async function sharingMinutes(
  engine: Engine,
  dirty: readonly DirtyMinute[],
): Promise<ComputedMinute[]> {
  const minutes = dirty.map(({ minute }) => minute);
  const first = Math.min(...minutes);
  const last = Math.max(...minutes) + MINUTE_MS;
  const until = Math.max(...dirty.map((one) => one.until));
  const wide = { startMs: first - LOOKBACK_MS, endMs: last + Math.max(LOOKAHEAD_MS, LOOKBACK_MS) };
  const bounds = `minute >= toDateTime(${wide.startMs / 1000}, 'UTC') AND minute < toDateTime(${wide.endMs / 1000}, 'UTC')`;
  const rows = await engine.query<{ minute: number; at: number }>(
    `SELECT toUnixTimestamp(minute) AS minute, toUnixTimestamp64Milli(computed_at) AS at FROM windows FINAL
     WHERE level = 60 AND spans > 0 AND ${bounds} AND computed_at <= fromUnixTimestamp64Milli(${Math.floor(until)}, 'UTC')`,
    {},
    BACKGROUND,
  );
  const own = new Set(minutes);
  const others = new Map(rows.map(({ minute, at }) => [minute * 1000, at]));
  for (const minute of own) others.delete(minute);
  if (others.size === 0) return [];
  const late = [...others.keys()].some((minute) => minute > first);
  const traces = `SELECT trace_id FROM spans WHERE ${timeCondition({ startMs: first, endMs: last }, inline)} AND ${inMinutes(minutes)}
    GROUP BY trace_id ${late ? '' : 'HAVING countIf(empty(parent_id)) = 0'}`;
  const range = {
    startMs: Math.min(...others.keys()),
    endMs: Math.max(...others.keys()) + MINUTE_MS,
  };
  const found = await engine.query<{ minute: number }>(
    `SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start)) AS minute FROM spans WHERE ${timeCondition(range, inline)} AND trace_id IN (${traces})`,
    {},
    BACKGROUND,
  );
  return found
    .map(({ minute }) => ({ minute: minute * 1000, computedAt: others.get(minute * 1000) }))
    .filter((one): one is ComputedMinute => one.computedAt !== undefined);
}

/** They do not hold until they are computed anew, whatever becomes of the minutes for whose sake. */
async function touchAgain(engine: Engine, minutes: readonly ComputedMinute[]): Promise<void> {
  await engine.insertRows(
    'touched_minutes',
    minutes.map(({ minute, computedAt }) => ({
      minute: minute / 1000,
      until: new Date(computedAt).toISOString(),
    })),
  );
}

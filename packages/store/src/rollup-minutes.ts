// Computing the windows of some minutes from their spans: RED, calls, and what is known about each minute.
// Calls are joined for few spans at a time: for minutes that have so many together, or, of a minute that has
// more, for some of its traces.

import type { Engine } from './engine/engine.ts';
import { edgeRowsFromSpans, LOOKAHEAD_MS, LOOKBACK_MS } from './queries/calls.ts';
import { edgeSumsOf, SPANS_AT_ONCE } from './queries/edge-sums.ts';
import {
  EDGE_COLUMNS,
  inline,
  MINUTE_MS,
  RED_COLUMNS,
  redRowsFromSpans,
} from './queries/windows.ts';
import { timeCondition } from './queries/where.ts';

/** A minute (unix ms) that was touched, and until when it was allowed to. */
export interface DirtyMinute {
  readonly minute: number;
  readonly until: number;
}

export interface ComputeOptions {
  readonly engine: Engine;
  readonly clock: () => number;
  readonly spansAtOnce?: number | undefined;
}

interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

/** RED of a minute is kept when a row sums at least ten spans (a row costs as much to read), or there are few rows. */
const SPANS_A_ROW = 10;
const FEW_ROWS = 100;
const BACKGROUND = { role: 'background' } as const;
const BACKGROUND_TIMEOUT_MS = 600_000;

/** Minutes ascend. Those computed before that hold spans of the same traces are computed again with them. */
export async function computeMinutes(
  dirty: readonly DirtyMinute[],
  { engine, clock, spansAtOnce = SPANS_AT_ONCE }: ComputeOptions,
): Promise<void> {
  const computedAt = clock();
  const minutes = dirty.map(({ minute }) => minute);
  const all = [...new Set([...minutes, ...(await sharingMinutes(engine, dirty))])].toSorted(
    (a, b) => a - b,
  );
  const revision = computedAt;
  const written: object[] = [];
  for (const range of runsOf(all)) {
    const found = await countMinutes(engine, range);
    const dense = [...found].filter(([, one]) => isDense(one)).map(([minute]) => minute / 1000);
    if (dense.length > 0)
      await engine.command(
        `INSERT INTO red_minutes (${RED_COLUMNS}, revision) SELECT ${RED_COLUMNS}, ${revision} FROM (${redRowsFromSpans([range], inMinutes(dense))})`,
        {},
        BACKGROUND,
      );
    const spansOf = (minute: number) => found.get(minute)?.spans ?? 0;
    for (const part of partsOf(range, spansOf, spansAtOnce)) {
      const single = part.endMs - part.startMs === MINUTE_MS;
      if (single && spansOf(part.startMs) > spansAtOnce)
        await writeInSlices(engine, part.startMs, { revision, spansAtOnce });
      else
        await engine.command(
          `INSERT INTO edge_minutes (${EDGE_COLUMNS}, revision) SELECT ${EDGE_COLUMNS}, ${revision} FROM (${edgeRowsFromSpans([part], inline, { from: 'spans FINAL', judgeAll: true })})`,
          {},
          BACKGROUND,
        );
    }
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

const isDense = ({ spans, redRows }: Counted) =>
  redRows <= FEW_ROWS || redRows * SPANS_A_ROW <= spans;

async function writeInSlices(
  engine: Engine,
  minute: number,
  { revision, spansAtOnce }: { revision: number; spansAtOnce: number },
): Promise<void> {
  const background = {
    select: <Row>(sql: string, params = {}, options = {}) =>
      engine.query<Row>(sql, params, { ...options, ...BACKGROUND }),
  };
  const rows = await edgeSumsOf(background, [{ startMs: minute, endMs: minute + MINUTE_MS }], {
    judgeAll: true,
    spansAtOnce,
    timeoutMs: BACKGROUND_TIMEOUT_MS,
  });
  await engine.insertRows(
    'edge_minutes',
    rows.map(({ latency, client_latency: clientLatency, ...row }) => ({
      ...row,
      minute: minute / 1000,
      revision,
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
  for (let minute = range.startMs; minute < range.endMs; minute += MINUTE_MS) {
    const spans = spansOf(minute);
    const last = parts.at(-1);
    if (last && open + spans <= limit) last.endMs = minute + MINUTE_MS;
    else parts.push({ startMs: minute, endMs: minute + MINUTE_MS });
    open = last && open + spans <= limit ? open + spans : spans;
  }
  return parts;
}

/** @param minutes unix seconds */
const inMinutes = (minutes: readonly number[]) =>
  `toStartOfMinute(start) IN (${minutes.map((minute) => `toDateTime(${minute}, 'UTC')`).join(', ')})`;

/**
 * Minutes computed before that hold spans of the same traces. When nothing newer was computed yet, only traces
 * whose root is elsewhere can have some. A minute computed when all that is dirty now was there already has seen it.
 */
async function sharingMinutes(engine: Engine, dirty: readonly DirtyMinute[]): Promise<number[]> {
  const minutes = dirty.map(({ minute }) => minute);
  const first = Math.min(...minutes);
  const last = Math.max(...minutes) + MINUTE_MS;
  const until = Math.max(...dirty.map((one) => one.until));
  const wide = { startMs: first - LOOKBACK_MS, endMs: last + Math.max(LOOKAHEAD_MS, LOOKBACK_MS) };
  const bounds = `minute >= toDateTime(${wide.startMs / 1000}, 'UTC') AND minute < toDateTime(${wide.endMs / 1000}, 'UTC')`;
  const computed = await engine.query<{ minute: number }>(
    `SELECT toUnixTimestamp(minute) AS minute FROM windows FINAL
     WHERE level = 60 AND spans > 0 AND ${bounds} AND computed_at <= fromUnixTimestamp64Milli(${Math.floor(until)}, 'UTC')`,
    {},
    BACKGROUND,
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
    BACKGROUND,
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

// How a question reads per-minute windows and raw spans together, exactly: rows of the computed windows
// where a minute is clean, rows computed from the raw spans, each counted once, for the rest: minutes
// touched since they were computed, and the ragged ends of the range.

import { edgeRowsFromSpans } from './calls.ts';
import type { Queryable } from '../store.ts';
import type { QueryParams } from './query-params.ts';
import { FAILED } from './sides.ts';
import { bucketSql } from './sketch.ts';
import { timeCondition } from './where.ts';

interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

export interface WindowPlan extends Range {
  /** Runs of clean minutes. */
  readonly clean: readonly Range[];
  /** What is between them. */
  readonly raw: readonly Range[];
  readonly usesWindows: boolean;
  /** red_minutes sums enough spans a row here to be read faster than the spans themselves. */
  readonly redPays: boolean;
  /** Whether some span of the range may be there more than once. */
  readonly mayRepeat: boolean;
}

export const MINUTE_MS = 60_000;
/** More pieces than this cost more than they save: the shortest clean runs are read raw. */
const MAX_PIECES = 6;
/** Measured: a row of red_minutes with its sketch costs as much to read as ten spans. */
const SPANS_A_ROW = 10;

/** Minutes touched since their window was computed, or before there was one. Any other minute is clean, or empty. */
const DIRTY_MINUTES = `
  SELECT t.minute AS minute
  FROM (SELECT minute, max(until) AS until FROM touched_minutes WHERE minute >= toDateTime({first:UInt32}) AND minute < toDateTime({end:UInt32}) GROUP BY minute) AS t
  LEFT ANY JOIN (SELECT minute, computed_at FROM windows FINAL WHERE level = 60 AND minute >= toDateTime({first:UInt32}) AND minute < toDateTime({end:UInt32})) AS w
    ON w.minute = t.minute
  WHERE t.until >= w.computed_at`;

/** @param options.resolutionMs width of the question's steps: no window may be wider, and steps must hold whole minutes */
export async function planWindows(
  store: Queryable,
  range: Range,
  options: { resolutionMs?: number } = {},
): Promise<WindowPlan> {
  const first = Math.ceil(range.startMs / MINUTE_MS) * MINUTE_MS;
  const end = Math.floor(range.endMs / MINUTE_MS) * MINUTE_MS;
  const whole = {
    ...range,
    clean: [],
    raw: [range],
    usesWindows: false,
    redPays: false,
    mayRepeat: true,
  };
  if (
    end <= first ||
    (options.resolutionMs !== undefined && options.resolutionMs % MINUTE_MS !== 0)
  )
    return whole;
  const params = { first: first / 1000, end: end / 1000 };
  const [dirty, repeats] = await Promise.all([
    store.select<{ from: number; to: number }>(
      `SELECT toUnixTimestamp(min(minute)) AS from, toUnixTimestamp(max(minute)) + 60 AS to
       FROM (SELECT minute, toUnixTimestamp(minute) - 60 * row_number() OVER (ORDER BY minute) AS run FROM (${DIRTY_MINUTES}))
       GROUP BY run ORDER BY from`,
      params,
    ),
    store.select<{ duplicates: number; counted: number; red_rows: number }>(
      `SELECT sum(duplicates) AS duplicates, sum(spans) AS counted,
         (SELECT count() FROM red_minutes WHERE minute >= toDateTime({first:UInt32}) AND minute < toDateTime({end:UInt32})) AS red_rows
       FROM windows FINAL WHERE level = 60 AND minute >= toDateTime({first:UInt32}) AND minute < toDateTime({end:UInt32})`,
      params,
    ),
  ]);
  const runs = gapsBetween(
    { startMs: first, endMs: end },
    dirty.map(({ from, to }) => ({ startMs: from * 1000, endMs: to * 1000 })),
  );
  const kept = new Set(
    runs.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, MAX_PIECES),
  );
  const clean = runs.filter((one) => kept.has(one));
  if (clean.length === 0) return whole;
  const raw = gapsBetween(range, clean);
  return {
    ...range,
    clean,
    raw,
    usesWindows: true,
    redPays: (repeats[0]?.counted ?? 0) >= SPANS_A_ROW * (repeats[0]?.red_rows ?? 0),
    mayRepeat:
      dirty.length > 0 ||
      first > range.startMs ||
      end < range.endMs ||
      (repeats[0]?.duplicates ?? 0) > 0,
  };
}

/** What a range has beside the given parts of it, which ascend and do not overlap. */
function gapsBetween(range: Range, parts: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let from = range.startMs;
  for (const one of parts) {
    if (one.startMs > from) gaps.push({ startMs: from, endMs: one.startMs });
    from = one.endMs;
  }
  if (from < range.endMs) gaps.push({ startMs: from, endMs: range.endMs });
  return gaps;
}

/** `spans`, or `spans FINAL` when some may be there more than once. */
export function spansFrom(plan: WindowPlan): string {
  return plan.mayRepeat ? 'spans FINAL' : 'spans';
}

const RED_KEYS = 'minute, service, version, namespace, name, kind, direction, http_status';
export const RED_COLUMNS = `${RED_KEYS}, spans, requests, errors, duration_sum, duration_min, duration_max, latency_buckets, latency_weights`;
export const EDGE_COLUMNS = `minute, from_service, to_service, to_version, peer, protocol, subset, response_flags, requests, errors,
  duration_sum, duration_min, duration_max, latency_buckets, latency_weights, sent, received, by_proxy, unanswered, unmatched,
  client_errors, client_duration_sum, client_duration_min, client_duration_max, client_latency_buckets, client_latency_weights`;

/** Rows of the form of red_minutes, without revision, for just the plan's range. */
export function redRows(plan: WindowPlan): string {
  return union(plan, 'red_minutes', RED_COLUMNS, (range) => redRowsFromSpans(range));
}

/** Rows of the form of edge_minutes, without revision, for just the plan's range. */
export function edgeRows(plan: WindowPlan): string {
  return union(plan, 'edge_minutes', EDGE_COLUMNS, (range) =>
    edgeRowsFromSpans(range, inline, { from: 'spans FINAL' }),
  );
}

function union(
  plan: WindowPlan,
  table: string,
  columns: string,
  fromSpans: (range: Range) => string,
): string {
  const pieces = [
    ...plan.clean.map((range) => {
      const bounds = minuteBounds(range);
      return `SELECT ${columns} FROM ${table} WHERE ${bounds} AND (minute, revision) IN (SELECT minute, revision FROM windows FINAL WHERE level = 60 AND ${bounds})`;
    }),
    ...plan.raw.map((range) => `SELECT ${columns} FROM (${fromSpans(range)})`),
  ];
  return pieces.join(' UNION ALL ');
}

export function minuteBounds({ startMs, endMs }: Range): string {
  return `minute >= toDateTime(${startMs / 1000}, 'UTC') AND minute < toDateTime(${endMs / 1000}, 'UTC')`;
}

/** Only for numbers of our own. */
export const inline: QueryParams = { bind: (value) => String(value), values: {} };

/** What red_minutes holds, computed from the spans of a range. */
export function redRowsFromSpans(range: Range): string {
  return `SELECT ${RED_KEYS},
   sum(n) AS spans, sum(w) AS requests, sum(e) AS errors, sum(ds) AS duration_sum, min(dmin) AS duration_min, max(dmax) AS duration_max,
   groupArray(b) AS latency_buckets, groupArray(w) AS latency_weights
   FROM (SELECT toStartOfMinute(start) AS minute, service, version, namespace, name, kind, direction, http_status,
     ${bucketSql('duration_ns')} AS b, count() AS n, sum(weight) AS w, sumIf(weight, ${FAILED}) AS e, sum(weight * duration_ns) AS ds,
     min(duration_ns) AS dmin, max(duration_ns) AS dmax
     FROM spans FINAL WHERE ${timeCondition(range, inline)}
     GROUP BY ${RED_KEYS}, b)
   GROUP BY ${RED_KEYS}`;
}

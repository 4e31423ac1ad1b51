// How a question reads per-minute windows and raw spans together, exactly: rows of the computed windows
// where a minute is clean, rows computed from the raw spans, each counted once, for the rest: minutes
// touched since they were computed, and the ragged ends of the range.

import { edgeRowsFromSpans } from './calls.ts';
import type { Queryable } from '../store.ts';
import { inline } from './query-params.ts';
import { gapsBetween, HOUR_MS, MINUTE_MS, type Range } from './ranges.ts';
import { FAILED } from './sides.ts';
import { bucketSql } from './sketch.ts';
import { timesCondition } from './where.ts';

/** Where each part of a range is read. All ascend, and together they are the range but for ends without spans. */
export interface Pieces {
  readonly hours: readonly Range[];
  readonly minutes: readonly Range[];
  readonly raw: readonly Range[];
}

export interface WindowPlan extends Range {
  readonly edges: Pieces;
  /** For questions about all columns of red_minutes. */
  readonly red: Pieces;
  /** For questions about the columns of red_hours, in steps of whole hours. */
  readonly redByHour: Pieces;
  /** Whether some span of the range may be there more than once. */
  readonly mayRepeat: boolean;
}

/** More runs of windows than this cost more than they save: the shortest are read otherwise. */
const MAX_RUNS = 12;

type State = 'dirty' | 'sparse' | 'repeats' | 'hour' | 'ends';
const IN_RANGE = 'minute >= toDateTime({first:UInt32}) AND minute < toDateTime({end:UInt32})';

/**
 * Minutes touched since their window was computed or before there was one (`dirty`; any other minute is clean,
 * or empty), clean ones whose RED was not worth a window (`sparse`) or that hold spans more than once (`repeats`), hours with a window that holds (`hour`), and
 * which of the two minutes that the range has only a part of were ever touched (`ends`).
 */
const STATES = `
  SELECT 'dirty' AS state, t.minute AS minute, 60 AS width
  FROM (SELECT minute, max(until) AS until FROM touched_minutes WHERE ${IN_RANGE} GROUP BY minute) AS t
  LEFT ANY JOIN (SELECT minute, computed_at FROM windows FINAL WHERE level = 60 AND ${IN_RANGE}) AS w
    ON w.minute = t.minute
  WHERE t.until >= w.computed_at
  UNION ALL
  SELECT arrayJoin(if(duplicates > 0, if(has_red = 0, ['sparse', 'repeats'], ['repeats']), ['sparse'])) AS state, minute, 60
  FROM windows FINAL WHERE level = 60 AND ${IN_RANGE} AND spans > 0 AND (has_red = 0 OR duplicates > 0)
  UNION ALL
  SELECT 'hour', h.minute, 3600
  FROM (SELECT minute, computed_at FROM windows FINAL WHERE level = 3600 AND ${IN_RANGE}) AS h
  LEFT ANY JOIN (SELECT toStartOfHour(minute) AS hour, max(until) AS until FROM touched_minutes WHERE ${IN_RANGE} GROUP BY hour) AS t
    ON h.minute = t.hour
  WHERE t.until < h.computed_at AND toUnixTimestamp(h.minute) + 3600 <= {end:UInt32}
  UNION ALL
  SELECT DISTINCT 'ends', minute, 60 FROM touched_minutes WHERE toUnixTimestamp(minute) IN {ends:Array(UInt32)}`;

/** @param options.resolutionMs width of the question's steps: no window may be wider, and steps must hold whole windows */
export async function planWindows(
  store: Queryable,
  range: Range,
  options: { resolutionMs?: number } = {},
): Promise<WindowPlan> {
  const first = Math.ceil(range.startMs / MINUTE_MS) * MINUTE_MS;
  const end = Math.floor(range.endMs / MINUTE_MS) * MINUTE_MS;
  const { resolutionMs = 24 * HOUR_MS } = options;
  if (end <= first || resolutionMs % MINUTE_MS !== 0) {
    const raw = { hours: [], minutes: [], raw: [{ startMs: range.startMs, endMs: range.endMs }] };
    return { ...range, edges: raw, red: raw, redByHour: raw, mayRepeat: true };
  }
  const params = {
    first: first / 1000,
    end: end / 1000,
    ends: [Math.floor(range.startMs / MINUTE_MS) * 60, end / 1000],
  };
  const states = await store.select<{ state: State; from: number; to: number }>(
    `SELECT state, toUnixTimestamp(min(minute)) AS from, toUnixTimestamp(max(minute)) + any(width) AS to
     FROM (SELECT state, minute, width, toUnixTimestamp(minute) - width * row_number() OVER (PARTITION BY state ORDER BY minute) AS run
       FROM (${STATES}))
     GROUP BY state, run ORDER BY from`,
    params,
  );
  const runs = (state: State) =>
    states
      .filter((one) => one.state === state)
      .map(({ from, to }) => ({ startMs: from * 1000, endMs: to * 1000 }));
  const dirty = runs('dirty');
  const touchedEnds = runs('ends');
  const whole = {
    startMs: meets(touchedEnds, range.startMs) ? range.startMs : first,
    endMs: meets(touchedEnds, range.endMs - 1) ? range.endMs : end,
  };
  const clean = gapsBetween([{ startMs: first, endMs: end }], dirty);
  const dense = gapsBetween(clean, runs('sparse'));
  const hours = resolutionMs % HOUR_MS === 0 ? longest(runs('hour')) : [];
  return {
    ...range,
    edges: piecesOf(whole, [], longest(clean)),
    red: piecesOf(whole, [], longest(dense)),
    redByHour: piecesOf(whole, hours, longest(gapsBetween(dense, hours))),
    mayRepeat:
      dirty.length > 0 ||
      first > whole.startMs ||
      end < whole.endMs ||
      states.some(({ state }) => state === 'repeats'),
  };
}

const meets = (ranges: readonly Range[], timeMs: number) =>
  ranges.some(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);

function piecesOf(
  { startMs, endMs }: Range,
  hours: readonly Range[],
  minutes: readonly Range[],
): Pieces {
  const windows = [...hours, ...minutes].toSorted((a, b) => a.startMs - b.startMs);
  return { hours, minutes, raw: gapsBetween([{ startMs, endMs }], windows) };
}

function longest(runs: readonly Range[]): Range[] {
  if (runs.length <= MAX_RUNS) return [...runs];
  const kept = runs
    .toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, MAX_RUNS);
  return kept.toSorted((a, b) => a.startMs - b.startMs);
}

/** `spans`, or `spans FINAL` when some may be there more than once. */
export function spansFrom(plan: WindowPlan): string {
  return plan.mayRepeat ? 'spans FINAL' : 'spans';
}

const RED_KEYS = 'minute, service, version, namespace, name, kind, direction, http_status';
const RED_FIGURES =
  'spans, requests, errors, duration_sum, duration_min, duration_max, latency_buckets, latency_weights';
export const RED_COLUMNS = `${RED_KEYS}, ${RED_FIGURES}`;
const HOUR_KEYS = 'hour, service, version, namespace, kind, direction';
export const HOUR_COLUMNS = `${HOUR_KEYS}, ${RED_FIGURES}, nodes, last_start`;
export const EDGE_COLUMNS = `minute, from_service, to_service, to_version, peer, protocol, subset, response_flags, requests, errors,
  duration_sum, duration_min, duration_max, latency_buckets, latency_weights, sent, received, by_proxy, unanswered, unmatched,
  client_errors, client_duration_sum, client_duration_min, client_duration_max, client_latency_buckets, client_latency_weights`;

/** Rows of the form of red_minutes, without revision, for just these pieces. Rows of hours have neither name nor status. */
export function redRows(pieces: Pieces): string {
  return union([
    hourRows(pieces.hours),
    minuteRows(pieces.minutes, 'red_minutes', RED_COLUMNS),
    pieces.raw.length === 0 ? '' : spanRows(pieces.raw),
  ]);
}

/** Per service and part of the range: the instances seen (`seen_nodes`) and the last start (`last_start`). */
export function instanceRows(hours: readonly Range[], whole: Range, filters: string): string {
  const rest = gapsBetween([{ startMs: whole.startMs, endMs: whole.endMs }], hours);
  const parts = [
    hours.length === 0
      ? ''
      : `SELECT service, nodes AS seen_nodes, last_start FROM red_hours WHERE ${hourBounds(hours)} AND ${filters}`,
    rest.length === 0
      ? ''
      : `SELECT service, groupUniqArrayIf(toString(node), node != '') AS seen_nodes, max(start) AS last_start
         FROM spans WHERE ${timesCondition(rest, inline)} AND ${filters} GROUP BY service`,
  ];
  return union(parts);
}

/** Rows of the form of edge_minutes, without revision, for just these pieces; `lostOnly` may leave out those without lost requests. */
export function edgeRows(pieces: Pieces, options: { lostOnly?: boolean } = {}): string {
  return union([
    minuteRows(pieces.minutes, 'edge_minutes', EDGE_COLUMNS),
    pieces.raw.length === 0
      ? ''
      : `SELECT ${EDGE_COLUMNS} FROM (${edgeRowsFromSpans(pieces.raw, inline, { from: 'spans FINAL', ...options })})`,
  ]);
}

const union = (parts: readonly string[]) => parts.filter((part) => part !== '').join(' UNION ALL ');

function minuteRows(ranges: readonly Range[], table: string, columns: string): string {
  if (ranges.length === 0) return `SELECT ${columns} FROM ${table} WHERE 0`;
  const bounds = windowBounds(ranges, 'minute');
  return `SELECT ${columns} FROM ${table} WHERE ${bounds} AND (minute, revision) IN (SELECT minute, revision FROM windows FINAL WHERE level = 60 AND ${bounds})`;
}

function hourRows(ranges: readonly Range[]): string {
  if (ranges.length === 0) return '';
  return `SELECT hour AS minute, service, version, namespace, '' AS name, kind, direction, toUInt16(0) AS http_status, ${RED_FIGURES}
    FROM red_hours WHERE ${hourBounds(ranges)}`;
}

/** Condition on red_hours: the newest revision of the hours. */
const hourBounds = (ranges: readonly Range[]) =>
  `${windowBounds(ranges, 'hour')}
    AND (hour, revision) IN (SELECT minute, revision FROM windows FINAL WHERE level = 3600 AND ${windowBounds(ranges, 'minute')})`;

function windowBounds(ranges: readonly Range[], column: string): string {
  const one = ({ startMs, endMs }: Range) =>
    `(${column} >= toDateTime(${startMs / 1000}, 'UTC') AND ${column} < toDateTime(${endMs / 1000}, 'UTC'))`;
  return `(${ranges.map(one).join(' OR ')})`;
}

/** Spans as rows of the form of red_minutes, each alone: who asks groups by less than a window does. */
const spanRows = (ranges: readonly Range[]) =>
  `SELECT toStartOfMinute(start) AS minute, service, version, namespace, name, kind, direction, http_status,
     toUInt64(1) AS spans, weight AS requests, if(${FAILED}, weight, toFloat64(0)) AS errors, weight * duration_ns AS duration_sum,
     duration_ns AS duration_min, duration_ns AS duration_max, [${bucketSql('duration_ns')}] AS latency_buckets, [weight] AS latency_weights
   FROM spans FINAL WHERE ${timesCondition(ranges, inline)}`;

/** What red_minutes holds, computed from the spans of some ranges; `condition` leaves out some of them. */
export function redRowsFromSpans(ranges: readonly Range[], condition = '1'): string {
  return redFromSpans(ranges, RED_KEYS, `toStartOfMinute(start) AS minute`, condition);
}

/** What red_hours holds, computed from the spans of some ranges of whole hours. */
export function hourRowsFromSpans(ranges: readonly Range[]): string {
  return redFromSpans(ranges, HOUR_KEYS, `toStartOfHour(start) AS hour`, '1', {
    outer: ', arraySort(groupUniqArrayArray(nodes_of)) AS nodes, max(last_of) AS last_start',
    inner: ", groupUniqArrayIf(toString(node), node != '') AS nodes_of, max(start) AS last_of",
  });
}

function redFromSpans(
  ranges: readonly Range[],
  keys: string,
  time: string,
  condition: string,
  more = { outer: '', inner: '' },
): string {
  return `SELECT ${keys},
   sum(n) AS spans, sum(w) AS requests, sum(e) AS errors, sum(ds) AS duration_sum, min(dmin) AS duration_min, max(dmax) AS duration_max,
   groupArray(b) AS latency_buckets, groupArray(w) AS latency_weights${more.outer}
   FROM (SELECT ${time}, ${keys.slice(keys.indexOf(',') + 2)},
     ${bucketSql('duration_ns')} AS b, count() AS n, sum(weight) AS w, sumIf(weight, ${FAILED}) AS e, sum(weight * duration_ns) AS ds,
     min(duration_ns) AS dmin, max(duration_ns) AS dmax${more.inner}
     FROM spans FINAL WHERE ${timesCondition(ranges, inline)} AND ${condition}
     GROUP BY ${keys}, b)
   GROUP BY ${keys}`;
}

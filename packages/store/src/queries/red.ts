// Rate, errors and duration per group: the one aggregation that most answers are made of.
import type { Latency, Red } from '@clover/model';
import type { Queryable } from '../store.ts';
import { columnKey } from './keys.ts';
import type { Question } from './question.ts';
import { MINUTE_MS } from './ranges.ts';
import type { RatedRange } from './rated-range.ts';
import { FAILED, sideCondition, type Side } from './sides.ts';
import { bucketSql, latencyOf, mergeSketches, type Sketch } from './sketch.ts';

/** Sums over a group of spans; weights honoured, so `requests` may exceed `spans`. */
export interface RedGroup {
  /** One text per grouping key. */
  readonly values: readonly string[];
  /** Index of the time step, 0 when no step was asked for. */
  readonly step: number;
  readonly spans: number;
  readonly requests: number;
  readonly errors: number;
  readonly durationSum: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly sketch: Sketch;
}

export interface RedOptions {
  readonly keys: readonly string[];
  readonly side?: Side;
  /** Start of the first step and width, both multiples of a minute when windows are to be used. */
  readonly step?: { readonly firstMs: number; readonly stepMs: number };
  /** Replaces the first key by SQL over its alias, to fold small groups together. */
  readonly fold?: (key: string) => string;
  /** Further condition over columns of spans that the windows have too, or (`raw`) not. */
  readonly condition?: { readonly sql: string; readonly raw?: boolean };
  readonly limit?: number;
}

/** Groups of a scope, largest first; without `keys` one group, or none when there are no spans. */
export async function redGroups(
  store: Queryable,
  question: Question,
  options: RedOptions,
): Promise<RedGroup[]> {
  const rows = await store.select<RedRow>(redSql(question, options), question.params.values);
  return rows.map((row) => ({
    values: options.keys.map((_, i) => row[`k${i}`] as string),
    step: row.step,
    spans: row.spans,
    requests: row.requests,
    errors: row.errors,
    durationSum: row.duration_sum,
    minNs: row.duration_min,
    maxNs: row.duration_max,
    sketch: { buckets: row.buckets, weights: row.weights },
  }));
}

interface RedRow extends Record<string, unknown> {
  step: number;
  spans: number;
  requests: number;
  errors: number;
  duration_sum: number;
  duration_min: number;
  duration_max: number;
  buckets: number[];
  weights: number[];
}

function redSql(question: Question, options: RedOptions): string {
  const windows =
    question.onWindows(options.keys) && isWholeMinutes(options) && !options.condition?.raw;
  const keys = options.keys.map((key) =>
    windows ? (columnKey(key)?.text ?? "''") : question.key(key),
  );
  // Keys are grouped as they lie, which is cheaper than their text, and become text at the end.
  const aliases = keys.map((_, i) => `g${i}`);
  const select = keys.map(
    (key, i) => `${i === 0 && options.fold ? options.fold(key) : key} AS g${i}`,
  );
  const texts = keys.map((_, i) => `toString(g${i}) AS k${i}`);
  const condition = [sideCondition(options.side ?? 'server'), options.condition?.sql].filter(
    (sql) => sql !== undefined && sql !== '1',
  );
  const time = options.step
    ? stepSql(windows ? 'toUnixTimestamp(minute) * 1000' : 'toUnixTimestamp64Milli(start)', options)
    : 'toUInt32(0)';
  const groups = ['step', ...aliases].join(', ');
  // Rows of the windows are taken apart into their buckets again: grouping by bucket is much faster than
  // adding maps. The sums of a row go with its first bucket.
  const once = (column: string) => `sum(if(nth = 1, toFloat64(${column}), 0))`;
  const inner = windows
    ? `SELECT ${[`${time} AS step`, ...select].join(', ')}, b, ${once('spans')} AS n, sum(bw) AS w,
         ${once('requests')} AS requests_of, ${once('errors')} AS be, ${once('duration_sum')} AS bds,
         toFloat64(min(duration_min)) AS bmin, toFloat64(max(duration_max)) AS bmax
       FROM (SELECT * FROM ${question.redRows(options.keys)} AS r
         WHERE ${[...condition, question.filters()].filter((sql) => sql !== '1').join(' AND ') || '1'})
       ARRAY JOIN latency_buckets AS b, latency_weights AS bw, arrayEnumerate(latency_buckets) AS nth
       GROUP BY ${groups}, b`
    : `SELECT ${[`${time} AS step`, ...select].join(', ')}, ${bucketSql('duration_ns')} AS b,
         toFloat64(count()) AS n, sum(weight) AS w, w AS requests_of, sumIf(weight, ${FAILED}) AS be,
         sum(weight * duration_ns) AS bds, toFloat64(min(duration_ns)) AS bmin, toFloat64(max(duration_ns)) AS bmax
       FROM ${question.spans()}
       WHERE ${[question.where(), ...condition].join(' AND ')}
       GROUP BY ${groups}, b`;
  return `SELECT ${['step', ...texts].join(', ')}, sum(n) AS spans, sum(requests_of) AS requests, sum(be) AS errors, sum(bds) AS duration_sum,
      min(bmin) AS duration_min, max(bmax) AS duration_max, (arraySort(groupArray((b, w))) AS sketch).1 AS buckets, sketch.2 AS weights
    FROM (${inner})
    GROUP BY ${groups}
    ORDER BY requests DESC, ${['step', ...keys.map((_, i) => `k${i}`)].join(', ')}
    ${options.limit === undefined ? '' : `LIMIT ${options.limit}`}`;
}

function isWholeMinutes(options: RedOptions): boolean {
  return (
    options.step === undefined ||
    (options.step.stepMs % MINUTE_MS === 0 && options.step.firstMs % MINUTE_MS === 0)
  );
}

/** Index of the step a time in milliseconds falls in. */
function stepSql(timeMs: string, options: RedOptions): string {
  const { firstMs, stepMs } = options.step as { firstMs: number; stepMs: number };
  return `toUInt32(intDiv(${timeMs} - ${Math.floor(firstMs)}, ${Math.floor(stepMs)}))`;
}

/** Adds groups up; undefined for none. */
export function sumGroups(
  groups: readonly RedGroup[],
  values: readonly string[] = [],
): RedGroup | undefined {
  const first = groups[0];
  if (first === undefined) return undefined;
  if (groups.length === 1) return { ...first, values };
  const sum = (pick: (group: RedGroup) => number) =>
    groups.reduce((total, group) => total + pick(group), 0);
  return {
    values,
    step: first.step,
    spans: sum((group) => group.spans),
    requests: sum((group) => group.requests),
    errors: sum((group) => group.errors),
    durationSum: sum((group) => group.durationSum),
    minNs: Math.min(...groups.map((group) => group.minNs)),
    maxNs: Math.max(...groups.map((group) => group.maxNs)),
    sketch: mergeSketches(groups.map((group) => group.sketch)),
  };
}

/** The API's form of a group; zeros and a null latency for none. Its rate is over `rated`. */
export function redOf(group: RedGroup | undefined, rated: RatedRange): Red {
  const requests = group?.requests ?? 0;
  const errors = group?.errors ?? 0;
  return {
    requests,
    errors,
    errorRatio: requests > 0 ? errors / requests : 0,
    ratePerSecond: requests / ((rated.endMs - rated.startMs) / 1000),
    latency: group ? groupLatency(group) : null,
  };
}

/** Percentiles of a group, null when it has no latencies. */
export function groupLatency(group: RedGroup): Latency | null {
  const total = group.sketch.weights.reduce((sum, weight) => sum + weight, 0);
  return latencyOf(group.sketch, { ...group, requests: total });
}

import { CloverError, parseFilter, type MetricSeriesAnswer, type Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { ratesAt, STALE_MS, valuesAt, type Samples } from './metric-points.ts';
import { queryParams, type QueryParams } from './query-params.ts';
import { stepsOf } from './steps.ts';
import { textTest } from './where.ts';

export interface MetricSeriesOptions {
  readonly name: string;
  /** `key=value`, `key!=value`, `key=~regex` or `key!~regex`, all of which must hold. */
  readonly label?: readonly string[] | undefined;
  /** Seconds. */
  readonly step?: number | undefined;
  /** `value` when not given. */
  readonly view?: 'value' | 'rate' | undefined;
  /** Series shown; 20 when not given. */
  readonly limit?: number | undefined;
}

interface SeriesRow {
  id: string;
  label_map: Record<string, string>;
  kind: string;
  total: number;
}

/** Points of one metric's series on even steps, from the first sample of them on; `rate` gives per-second increases with resets as Prometheus. */
export async function metricSeries(
  store: Queryable,
  scope: Scope,
  options: MetricSeriesOptions,
): Promise<MetricSeriesAnswer> {
  const meta = startMeta(store, scope, ['metrics']);
  const wanted = { stepMs: options.step === undefined ? undefined : options.step * 1000 };
  const rows = await findSeries(store, options);
  const windowMs = (stepMs: number) => Math.max(stepMs, 4 * 15_000);
  const lookback = options.view === 'rate' ? windowMs(stepsOf(scope, wanted).stepMs) : STALE_MS;
  const samples = await readSamples(
    store,
    rows.map((row) => row.id),
    { startMs: scope.startMs - lookback, endMs: scope.endMs },
  );
  const none: Samples = { timesMs: [], values: [] };
  // From the first sample on, as the series of spans begin with the first span.
  const first = [...samples.values()].reduce(
    (least, one) => Math.min(least, one.timesMs[0] ?? scope.endMs),
    scope.endMs,
  );
  const late = first > scope.startMs && first < scope.endMs;
  const steps = stepsOf(late ? { startMs: first, endMs: scope.endMs } : scope, wanted);
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.total ?? 0 } }),
    name: options.name,
    type: rows[0]?.kind ?? 'unknown',
    stepMs: steps.stepMs,
    timesMs: [...steps.timesMs],
    series: rows.map((row) => {
      const own = samples.get(row.id) ?? none;
      // A step shows what is known at its end, and no later than the range's end.
      const ends = steps.timesMs.map((time) => Math.min(time + steps.stepMs, scope.endMs));
      const values =
        options.view === 'rate' ? ratesAt(own, ends, windowMs(steps.stepMs)) : valuesAt(own, ends);
      return {
        labels: row.label_map,
        latest: values.findLast((value) => value !== null) ?? null,
        values,
      };
    }),
  };
}

async function findSeries(store: Queryable, options: MetricSeriesOptions): Promise<SeriesRow[]> {
  const params = queryParams();
  const name = params.bind(options.name, 'String');
  const labels = (options.label ?? []).map((text) => labelTest(text, params));
  return store.select<SeriesRow>(
    `SELECT *, toFloat64(count() OVER ()) AS total FROM (
       SELECT toString(series_id) AS id, CAST(any(labels), 'Map(String, String)') AS label_map, argMax(toString(type), seen) AS kind
       FROM metric_series WHERE ${[`name = ${name}`, ...labels].join(' AND ')}
       GROUP BY series_id)
     ORDER BY toString(label_map) LIMIT ${options.limit ?? 20}`,
    params.values,
  );
}

function labelTest(text: string, params: QueryParams): string {
  const filter = parseFilter(text);
  if (!['=', '!=', '=~', '!~'].includes(filter.operator)) {
    throw new CloverError('metrics.bad_label', `"${text}" is not a label matcher`, {
      hint: 'write key=value, key!=value, key=~regex or key!~regex',
      status: 400,
    });
  }
  const column = `labels[${params.bind(filter.key, 'String')}]`;
  // Prometheus anchors its label matchers.
  const isRegex = filter.operator === '=~' || filter.operator === '!~';
  return textTest(column, isRegex ? { ...filter, value: `^(?:${filter.value})$` } : filter, params);
}

/** Samples per series of a half-open range, a time once however often it was delivered. */
export async function readSamples(
  store: Queryable,
  ids: readonly string[],
  range: { startMs: number; endMs: number },
): Promise<Map<string, Samples>> {
  if (ids.length === 0) return new Map();
  const rows = await store.select<{ id: string; times: number[]; points: number[] }>(
    `SELECT toString(series_id) AS id, groupArray(at) AS times, groupArray(point) AS points FROM (
       SELECT series_id, toFloat64(toUnixTimestamp64Milli(time)) AS at, any(value) AS point FROM metric_points
       WHERE series_id IN (SELECT toUInt64(arrayJoin({ids:Array(String)})))
         AND time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
       GROUP BY series_id, time ORDER BY series_id, time)
     GROUP BY series_id`,
    { ids, start: Math.floor(range.startMs), end: Math.floor(range.endMs) },
  );
  return new Map(rows.map((row) => [row.id, sorted(row.times, row.points)]));
}

function sorted(times: readonly number[], values: readonly number[]): Samples {
  const order = times.map((_, i) => i).toSorted((i, j) => times[i]! - times[j]!);
  return {
    timesMs: order.map((i) => times[i]!),
    // JSON has no NaN: the engine writes null.
    values: order.map((i) => values[i] ?? Number.NaN),
  };
}

import type { MetricNamesAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';

export interface MetricNamesOptions {
  /** Only names that contain this, in any case of letters. */
  readonly match?: string | undefined;
  /** 500 when not given. */
  readonly limit?: number | undefined;
}

/** Metric names the store knows, by name, with how many series carry each; `lastSeen` is the last point within the scope. */
export async function metricNames(
  store: Queryable,
  scope: Scope,
  options: MetricNamesOptions = {},
): Promise<MetricNamesAnswer> {
  const meta = startMeta(store, scope, ['metrics']);
  const rows = await store.select<{
    metric: string;
    kind: string;
    of_unit: string;
    text: string;
    series: number;
    points: number;
    last: number;
    groups: number;
  }>(
    `SELECT *, toFloat64(count() OVER ()) AS groups FROM (
       SELECT toString(name) AS metric, argMax(toString(type), seen) AS kind, argMax(toString(unit), seen) AS of_unit,
         argMax(help, seen) AS text, toFloat64(uniqExact(series_id)) AS series,
         toFloat64(max(points)) AS points, toFloat64(toUnixTimestamp64Milli(max(latest))) AS last
       FROM metric_series LEFT ANY JOIN (
         SELECT series_id, count() AS points, max(time) AS latest FROM metric_points
         WHERE time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
         GROUP BY series_id) AS points_in_range USING (series_id)
       WHERE positionCaseInsensitive(name, {match:String}) > 0 OR {match:String} = ''
       GROUP BY metric)
     ORDER BY metric LIMIT ${options.limit ?? 500}`,
    {
      match: options.match ?? '',
      start: Math.floor(scope.startMs),
      end: Math.floor(scope.endMs),
    },
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.groups ?? 0 } }),
    items: rows.map((row) => ({
      name: row.metric,
      type: row.kind,
      unit: row.of_unit,
      help: row.text,
      series: row.series,
      lastSeen: row.points > 0 ? new Date(row.last).toISOString() : null,
    })),
  };
}

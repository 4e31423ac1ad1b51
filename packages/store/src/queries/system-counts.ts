import { isTracked, type Scope, type SystemCounts } from '@clover/model';
import type { Queryable } from '../store.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';

export interface SystemCountsOptions {
  /** Names that are tracked; empty or absent means all that are discovered. */
  readonly tracked?: readonly string[];
}

interface SpanCounts {
  traces: number;
  spans: number;
  weight: number;
}

/**
 * How much there is: traces, spans, services and metrics of the scope, and what the store holds in all.
 * `duplicates` are copies that the engine has not merged away yet.
 */
export async function systemCounts(
  store: Queryable,
  scope: Scope,
  options: SystemCountsOptions = {},
): Promise<SystemCounts> {
  const meta = startMeta(store, scope, ['traces', 'metrics']);
  const question = await ask(store, scope);
  const where = question.where();
  const range = { start: Math.floor(scope.startMs), end: Math.floor(scope.endMs) };
  const [spans, copies, names, points, stored, disk] = await Promise.all([
    store.select<SpanCounts>(
      // A group by can go to disk when it grows; an exact distinct count cannot.
      `SELECT toFloat64(count()) AS traces, toFloat64(sum(n)) AS spans, sum(w) AS weight
       FROM (SELECT count() AS n, sum(weight) AS w FROM ${question.spans()} WHERE ${where} GROUP BY trace_id)`,
      question.params.values,
    ),
    question.plan.mayRepeat
      ? store.select<{ rows: number }>(
          `SELECT toFloat64(count()) AS rows FROM spans WHERE ${where}`,
          question.params.values,
          { heavy: true },
        )
      : [],
    store.select<{ service: string }>(
      question.onWindows([])
        ? `SELECT DISTINCT toString(service) AS service FROM ${question.redRows([])} WHERE ${question.filters()}`
        : `SELECT DISTINCT toString(service) AS service FROM spans WHERE ${where}`,
      question.params.values,
    ),
    store.select<{ points: number; series: number }>(
      `SELECT toFloat64(count()) AS points, toFloat64(uniqExact(series_id)) AS series FROM metric_points FINAL
       WHERE time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')`,
      range,
    ),
    store.select<{ spans: number; oldest: number; newest: number }>(
      `SELECT toFloat64((SELECT count() FROM spans)) AS spans, toFloat64(toUnixTimestamp64Milli(min(start))) AS oldest,
         toFloat64(toUnixTimestamp64Milli(max(start))) AS newest
       FROM spans WHERE bucket IN (SELECT arrayJoin([min(bucket), max(bucket)]) FROM spans)`,
    ),
    store.select<{ bytes: number }>(
      'SELECT toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts WHERE active AND database = currentDatabase()',
    ),
  ]);
  const held = stored[0]?.spans ?? 0;
  const count = spans[0]?.spans ?? 0;
  return {
    meta: await meta.finish({
      sampled: isSampled([{ spans: count, requests: spans[0]?.weight ?? 0 }]),
    }),
    traces: spans[0]?.traces ?? 0,
    spans: count,
    metricPoints: points[0]?.points ?? 0,
    metricSeries: points[0]?.series ?? 0,
    servicesDiscovered: names.length,
    servicesTracked: names.filter((row) => isTracked(row.service, options.tracked ?? [])).length,
    storedSpans: held,
    bytesOnDisk: disk[0]?.bytes ?? 0,
    oldestSpan: held > 0 ? new Date(stored[0]!.oldest).toISOString() : null,
    newestSpan: held > 0 ? new Date(stored[0]!.newest).toISOString() : null,
    duplicates: Math.max(0, (copies[0]?.rows ?? count) - count),
  };
}

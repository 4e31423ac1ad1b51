import {
  trackedMetricNames,
  type Scope,
  type TrackedMetricsAnswer,
  type TrackedSettings,
} from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { valuesAt } from './metric-points.ts';
import { readSamples } from './metric-series.ts';

const POINTS = 100;
const MAX_SERIES = 5000;

/** Tracked metrics with their latest value and the last 100 points of the range, label sets summed; those never seen come with nulls. */
export async function trackedMetrics(
  store: Queryable,
  scope: Scope,
  options: TrackedSettings,
): Promise<TrackedMetricsAnswer> {
  const meta = startMeta(store, scope, ['metrics']);
  const tracked = trackedMetricNames(options);
  const series = await store.select<{ id: string; metric: string; kind: string }>(
    `SELECT toString(series_id) AS id, any(toString(name)) AS metric, argMax(toString(type), seen) AS kind
     FROM metric_series WHERE name IN {names:Array(String)} GROUP BY series_id LIMIT ${MAX_SERIES + 1}`,
    { names: tracked.map((one) => one.name) },
  );
  const samples = await readSamples(
    store,
    series.map((one) => one.id),
    scope,
  );
  return {
    meta: await meta.finish({
      notes:
        series.length > MAX_SERIES ? [`more than ${MAX_SERIES} series: sums are incomplete`] : [],
    }),
    items: tracked.map((one) => {
      const own = series.filter((row) => row.metric === one.name);
      const parts = own.flatMap((row) => samples.get(row.id) ?? []);
      const times = [...new Set(parts.flatMap((part) => part.timesMs))]
        .toSorted((a, b) => a - b)
        .slice(-POINTS);
      const columns = parts.map((part) => valuesAt(part, times));
      const values = times.map((time, i): [number, number | null] => {
        const known = columns.flatMap((column) => column[i] ?? []);
        return [time, known.length > 0 ? known.reduce((a, b) => a + b, 0) : null];
      });
      const latest = values.findLast(([, value]) => value !== null);
      return {
        ...one,
        type: own[0]?.kind ?? 'unknown',
        latest: latest?.[1] ?? null,
        latestTime: latest ? new Date(latest[0]).toISOString() : null,
        series: own.length,
        values,
      };
    }),
  };
}

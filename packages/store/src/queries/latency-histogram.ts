import type { LatencyHistogram, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { effectiveSide } from './effective-side.ts';
import { startMeta } from './meta.ts';
import { ask, type Question } from './question.ts';
import { FAILED, sideCondition, type Side } from './sides.ts';
import { bucketEnd, bucketSql, latencyOf } from './sketch.ts';

export interface LatencyOptions {
  /** `server` when not given. */
  readonly side?: Side | undefined;
  /** Span name. */
  readonly operation?: string | undefined;
}

const MAX_BINS = 60;

interface BucketRow {
  slot: number;
  total: number;
  failed: number;
  spans: number;
  sum: number;
  low: number;
  high: number;
}

/** Spans of a scope per latency, in at most 60 bins of equal ratio, without gaps from the least to the greatest. */
export async function latencyHistogram(
  source: Queryable,
  scope: Scope,
  options: LatencyOptions = {},
): Promise<LatencyHistogram> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const { side, notes } = await effectiveSide(store, scope, options.side);
  const question = await ask(store, scope);
  const rows = await store.select<BucketRow>(
    `SELECT ${bucketSql('duration_ns')} AS slot, sum(weight) AS total, sumIf(weight, ${FAILED}) AS failed,
       toFloat64(count()) AS spans, sum(weight * duration_ns) AS sum,
       toFloat64(min(duration_ns)) AS low, toFloat64(max(duration_ns)) AS high
     FROM ${question.spans()} WHERE ${latencyCondition(question, { ...options, side })}
     GROUP BY slot ORDER BY slot`,
    question.params.values,
  );
  const requests = rows.reduce((sum, row) => sum + row.total, 0);
  const spans = rows.reduce((sum, row) => sum + row.spans, 0);
  const bins = latencyBins(rows.map((row) => row.slot));
  const buckets = bins.edges.map((edge) => ({ ...edge, count: 0, errors: 0 }));
  for (const row of rows) {
    const bin = buckets[bins.indexOf(row.slot)]!;
    bin.count += row.total;
    bin.errors += row.failed;
  }
  return {
    meta: await meta.finish({ sampled: Math.abs(requests - spans) > 1e-6 * spans, notes }),
    latency: latencyOf(
      { buckets: rows.map((row) => row.slot), weights: rows.map((row) => row.total) },
      {
        requests,
        durationSum: rows.reduce((sum, row) => sum + row.sum, 0),
        minNs: Math.min(...rows.map((row) => row.low)),
        maxNs: Math.max(...rows.map((row) => row.high)),
      },
    ),
    buckets,
  };
}

/** Where the spans of a latency question are: range, filters, side and operation. */
export function latencyCondition(question: Question, options: LatencyOptions): string {
  const operation =
    options.operation === undefined
      ? ''
      : ` AND name = ${question.params.bind(options.operation, 'String')}`;
  return `${question.where()} AND ${sideCondition(options.side ?? 'server')}${operation}`;
}

export interface LatencyBins {
  readonly edges: readonly { fromNs: number; toNs: number }[];
  /** Index of the bin that a sketch bucket falls in. */
  indexOf(bucket: number): number;
}

/** At most `maxBins` bins of equally many sketch buckets that cover the given ones; none for none. */
export function latencyBins(buckets: readonly number[], maxBins = MAX_BINS): LatencyBins {
  if (buckets.length === 0) return { edges: [], indexOf: () => 0 };
  const low = buckets.reduce((a, b) => Math.min(a, b));
  const high = buckets.reduce((a, b) => Math.max(a, b));
  const width = Math.ceil((high - low + 1) / maxBins);
  const count = Math.ceil((high - low + 1) / width);
  return {
    edges: Array.from({ length: count }, (_, i) => ({
      fromNs: low + i * width === 0 ? 0 : bucketEnd(low + i * width - 1),
      toNs: bucketEnd(low + (i + 1) * width - 1),
    })),
    indexOf: (bucket) => Math.floor((bucket - low) / width),
  };
}

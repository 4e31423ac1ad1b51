// The latency sketch: weights in logarithmic buckets of relative accuracy 1 % (DDSketch, Masson et al.,
// VLDB 2019). Bucket i holds the durations in (gamma^(i-1), gamma^i]; its estimate 2·gamma^i/(gamma+1) is
// off by at most 1 %. Merging is adding, so rollups, raw spans and services can be summed in any order.
import type { Latency } from '@clover/model';

export const GAMMA = 1.01 / 0.99;
const LN_GAMMA = Math.log(GAMMA);

/** The same bucket in SQL, of a column of nanoseconds. */
export function bucketSql(durationNs: string): string {
  return `toUInt16(ceil(log(greatest(${durationNs}, 1)) / ${LN_GAMMA}))`;
}

export interface Sketch {
  /** Ascending. */
  readonly buckets: readonly number[];
  /** One per bucket, above 0. */
  readonly weights: readonly number[];
}

/** The bucket of a duration; everything below one nanosecond is bucket 0. */
export function bucketOf(durationNs: number): number {
  return durationNs <= 1 ? 0 : Math.ceil(Math.log(durationNs) / LN_GAMMA);
}

/** Upper edge of a bucket in nanoseconds; its lower edge is that of the bucket before. */
export function bucketEnd(bucket: number): number {
  return Math.exp(bucket * LN_GAMMA);
}

/** The value that stands for a bucket: at most 1 % from everything in it. */
export function bucketEstimate(bucket: number): number {
  return (2 * bucketEnd(bucket)) / (GAMMA + 1);
}

/**
 * The q-quantile (0..1) in nanoseconds, with ClickHouse's `quantileExact` notion of rank: the value
 * with floor(q·n) others below it. Kept within min and max when they are given. NaN for an empty sketch.
 */
export function percentile(
  sketch: Sketch,
  q: number,
  bounds: { minNs?: number; maxNs?: number } = {},
): number {
  const total = sketch.weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return Number.NaN;
  let index = sketch.buckets.length - 1;
  let below = 0;
  for (let i = 0; i < sketch.weights.length; i++) {
    below += sketch.weights[i]!;
    if (below > q * total) {
      index = i;
      break;
    }
  }
  const estimate = bucketEstimate(sketch.buckets[index]!);
  return Math.min(Math.max(estimate, bounds.minNs ?? 0), bounds.maxNs ?? Number.POSITIVE_INFINITY);
}

/** Adds sketches; buckets come out ascending. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  const weights = new Map<number, number>();
  for (const sketch of sketches)
    for (const [i, bucket] of sketch.buckets.entries())
      weights.set(bucket, (weights.get(bucket) ?? 0) + sketch.weights[i]!);
  const buckets = [...weights.keys()].toSorted((a, b) => a - b);
  return { buckets, weights: buckets.map((bucket) => weights.get(bucket)!) };
}

/** Percentiles of a sketch with the exact average, minimum and maximum kept beside it; null when empty. */
export function latencyOf(
  sketch: Sketch,
  exact: { durationSum: number; requests: number; minNs: number; maxNs: number },
): Latency | null {
  if (exact.requests <= 0 || sketch.buckets.length === 0) return null;
  const at = (q: number) => percentile(sketch, q, exact);
  return {
    avgNs: exact.durationSum / exact.requests,
    minNs: exact.minNs,
    maxNs: exact.maxNs,
    p50Ns: at(0.5),
    p90Ns: at(0.9),
    p95Ns: at(0.95),
    p99Ns: at(0.99),
  };
}

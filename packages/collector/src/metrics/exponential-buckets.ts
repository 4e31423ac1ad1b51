import type { ExponentialPoint } from './otlp-metric-model.ts';

/** An upper bound and how many values lie between it and the bound below it. */
export interface ClassicBucket {
  readonly le: number;
  readonly count: number;
}

/** Finer resolution is merged down to this: each bucket's bound is 2^(1/4) = 1.19 times the one below. */
export const MAX_SCALE = 2;
const MAX_BUCKETS = 160;

/**
 * An exponential histogram's buckets with classic bounds in rising order, without the last one to
 * +Inf. Bounds are powers of 2^(2^-scale) with scale at most 2, so that they stay the same while an
 * SDK changes its own scale; a percentile from them is off by at most 19 %.
 */
export function exponentialToClassic(point: ExponentialPoint): ClassicBucket[] {
  let scale = Math.min(point.scale, MAX_SCALE);
  let positive = merge(point.positive.offset, point.positive.counts, point.scale - scale);
  let negative = merge(point.negative.offset, point.negative.counts, point.scale - scale);
  while (positive.size + negative.size > MAX_BUCKETS && scale > -10) {
    scale--;
    positive = shift(positive, 1);
    negative = shift(negative, 1);
  }
  const bound = (index: number) => 2 ** (index * 2 ** -scale);
  const buckets: ClassicBucket[] = [];
  // Negative bucket i holds -base^(i+1) ≤ v < -base^i: its upper bound is -base^i.
  for (const [index, count] of [...negative].sort((a, b) => b[0] - a[0])) {
    buckets.push({ le: -bound(index), count });
  }
  if (point.zeroCount > 0) buckets.push({ le: point.zeroThreshold, count: point.zeroCount });
  for (const [index, count] of [...positive].sort((a, b) => a[0] - b[0])) {
    const le = bound(index + 1);
    if (Number.isFinite(le)) buckets.push({ le, count });
  }
  return buckets;
}

function merge(offset: number, counts: readonly number[], levels: number): Map<number, number> {
  const merged = new Map<number, number>();
  counts.forEach((count, i) => {
    if (count === 0) return;
    const index = Math.floor((offset + i) / 2 ** levels);
    merged.set(index, (merged.get(index) ?? 0) + count);
  });
  return merged;
}

function shift(buckets: ReadonlyMap<number, number>, levels: number): Map<number, number> {
  const merged = new Map<number, number>();
  for (const [index, count] of buckets) {
    const to = Math.floor(index / 2 ** levels);
    merged.set(to, (merged.get(to) ?? 0) + count);
  }
  return merged;
}

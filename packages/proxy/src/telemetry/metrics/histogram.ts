// Histograms with Envoy's default buckets, in one stretch of a typed array each.
// Source: envoy/source/common/stats/histogram_impl.cc (HistogramSettingsImpl::defaultBuckets).

/** Upper bounds, without +Inf. Milliseconds and bytes alike. */
const BOUNDS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];
export const LE = [...BOUNDS.map(String), '+Inf'];
const SUM = LE.length;
/** Numbers that one histogram takes. */
export const HISTOGRAM_SIZE = LE.length + 1;

/** Counts a value in the histogram that begins at `start`. */
export function observe(values: Float64Array, start: number, value: number): void {
  let bucket = 0;
  while (bucket < BOUNDS.length && value > BOUNDS[bucket]!) bucket++;
  values[start + bucket]!++;
  values[start + SUM]! += value;
}

/** Cumulative counts by bucket, the sum and the count. */
export function readHistogram(
  values: Float64Array,
  start: number,
): { buckets: number[]; sum: number; count: number } {
  let count = 0;
  const buckets = LE.map((_, n) => (count += values[start + n]!));
  return { buckets, sum: values[start + SUM]!, count };
}

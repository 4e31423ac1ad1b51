// Points of series, as samples and as per-second increases the way Prometheus computes them. Pure.

/** Ascending in time; values finite or NaN (a stale marker). */
export interface Samples {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** How long a sample stays the latest one, as Prometheus' lookback delta. */
export const STALE_MS = 300_000;

/** The newest sample at or before each time, not older than five minutes; null for none. */
export function valuesAt(
  samples: Samples,
  timesMs: readonly number[],
  staleMs = STALE_MS,
): (number | null)[] {
  let next = 0;
  return timesMs.map((time) => {
    while (next < samples.timesMs.length && samples.timesMs[next]! <= time) next++;
    const index = next - 1;
    if (index < 0 || time - samples.timesMs[index]! > staleMs) return null;
    const value = samples.values[index]!;
    return Number.isNaN(value) ? null : value;
  });
}

/**
 * Per-second increase of a counter over (time - windowMs, time], as Prometheus' rate(): a fall is a reset
 * that counts from zero; the increase is extrapolated to the window's ends when the samples come near
 * them (promql/functions.go, extrapolatedRate). null with fewer than two samples in the window.
 */
export function ratesAt(
  samples: Samples,
  timesMs: readonly number[],
  windowMs: number,
): (number | null)[] {
  return timesMs.map((time) => {
    const inside: [number, number][] = [];
    for (const [i, at] of samples.timesMs.entries()) {
      const value = samples.values[i]!;
      if (at > time - windowMs && at <= time && !Number.isNaN(value)) inside.push([at, value]);
    }
    return extrapolatedRate(inside, time - windowMs, time);
  });
}

function extrapolatedRate(
  points: readonly [number, number][],
  startMs: number,
  endMs: number,
): number | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return null;
  let increase = last[1] - first[1];
  for (let i = 1; i < points.length; i++)
    if (points[i]![1] < points[i - 1]![1]) increase += points[i - 1]![1];
  const sampled = last[0] - first[0];
  const average = sampled / (points.length - 1);
  const threshold = average * 1.1;
  let toStart = first[0] - startMs;
  let toEnd = endMs - last[0];
  if (toStart >= threshold) toStart = average / 2;
  // A counter cannot have been below zero: do not extrapolate past where it would cross it.
  if (increase > 0 && first[1] >= 0) toStart = Math.min(toStart, sampled * (first[1] / increase));
  if (toEnd >= threshold) toEnd = average / 2;
  return (increase * ((sampled + toStart + toEnd) / sampled)) / ((endMs - startMs) / 1000);
}

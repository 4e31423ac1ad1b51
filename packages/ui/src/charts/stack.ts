import type { ChartSeries } from './time-chart.tsx';

/** Sums from the first series up; a gap stays a gap. */
export function stack(series: readonly ChartSeries[]): (number | null)[][] {
  let below: (number | null)[] = [];
  return series.map((one) => {
    below = one.values.map((value, index) =>
      value === null ? (below[index] ?? null) : value + (below[index] ?? 0),
    );
    return below;
  });
}

import type { OverviewRequests } from '@clover/model';

/** How many seconds of each step lie within the range and after the first data: the running step is not full yet, and the first may begin before. */
export function stepSeconds({
  meta,
  series,
  stepMs,
}: Pick<OverviewRequests, 'meta' | 'series' | 'stepMs'>): (step: number) => number {
  const [start, end] = [Date.parse(meta.ratesSince ?? meta.start), Date.parse(meta.end)];
  return (step) => {
    const from = series[step]?.timeMs ?? start;
    const within = Math.min(from + stepMs, end) - Math.max(from, start);
    return Math.max(within, 1000) / 1000;
  };
}

/** Steps of a time axis, ms: what a clock's reader counts in. */
export const TIME_STEPS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5,
  36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5,
];

/** Round times (unix ms) within a range, evenly apart, at most `most`; a single one where the range is empty. */
export function timeTicks(fromMs: number, toMs: number, most: number): number[] {
  if (!(toMs > fromMs)) return [fromMs];
  const wanted = (toMs - fromMs) / Math.max(1, most);
  const step = TIME_STEPS.find((one) => one >= wanted) ?? Math.ceil(wanted / 864e5) * 864e5;
  // Days begin at local midnight.
  const shift = step >= 36e5 ? new Date(fromMs).getTimezoneOffset() * 6e4 : 0;
  const ticks: number[] = [];
  for (let tick = Math.ceil((fromMs - shift) / step) * step + shift; tick <= toMs; tick += step)
    ticks.push(tick);
  return ticks.length > 0 ? ticks : [fromMs];
}

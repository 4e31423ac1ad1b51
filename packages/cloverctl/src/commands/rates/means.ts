// One figure out of a series of steps.
import type { RatesAnswer } from '@clover/model';

type Values = readonly (number | null)[];

/** The mean of values per second, each for as long as its step lies in the range and after the first data; 0 when none is known. Pure. */
export function meanRate(
  values: Values,
  { timesMs, stepMs, meta }: Pick<RatesAnswer, 'timesMs' | 'stepMs' | 'meta'>,
): number {
  const from = Date.parse(meta.ratesSince ?? meta.start);
  const to = Date.parse(meta.end);
  let sum = 0;
  let time = 0;
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const start = timesMs[i]!;
    const lies = spanOf(start, stepMs, from, to);
    sum += value * lies;
    time += lies;
  }
  return time > 0 ? sum / time : 0;
}

/** The greatest value, 0 when none is known. */
export function peakOf(values: Values): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

function spanOf(start: number, stepMs: number, from: number, to: number): number {
  return Math.max(0, Math.min(start + stepMs, to) - Math.max(start, from));
}

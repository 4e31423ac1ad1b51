// Whether counts agree with declared shares.

import { binomialTest, logGamma } from './binomial.ts';

export interface MultinomialTest {
  readonly pValue: number;
  /** `multinomial`: by listing all outcomes; `binomials`: the least p-value of the single shares times their number (Bonferroni), which never claims too much. */
  readonly method: 'binomial' | 'multinomial' | 'binomials';
}

/** So many outcomes are listed at most; beyond, the single shares are tested. */
const LISTED = 300_000;

/** `shares` add up to 1. A count where the share is 0 gives 0. With one share there is nothing to test: 1. */
export function multinomialTest(
  counts: readonly number[],
  shares: readonly number[],
): MultinomialTest {
  const trials = counts.reduce((sum, one) => sum + one, 0);
  const open = shares.flatMap((share, index) =>
    share > 0 ? [{ share, count: counts[index]! }] : [],
  );
  if (open.reduce((sum, one) => sum + one.count, 0) < trials)
    return { pValue: 0, method: 'multinomial' };
  if (open.length < 2) return { pValue: 1, method: 'binomial' };
  if (open.length === 2)
    return {
      pValue: binomialTest(open[0]!.count, trials, open[0]!.share),
      method: 'binomial',
    };
  if (outcomes(trials, open.length) <= LISTED)
    return {
      pValue: listed(
        open.map((one) => one.count),
        open.map((one) => one.share),
      ),
      method: 'multinomial',
    };
  const least = Math.min(...open.map(({ count, share }) => binomialTest(count, trials, share)));
  return { pValue: Math.min(1, least * open.length), method: 'binomials' };
}

/** In how many ways so many requests fall on so many places. */
function outcomes(trials: number, places: number): number {
  let ways = 1;
  for (let step = 1; step < places; step++) ways = (ways * (trials + step)) / step;
  return ways;
}

/** The probability of all outcomes that are no likelier than this one. */
function listed(counts: readonly number[], shares: readonly number[]): number {
  const trials = counts.reduce((sum, one) => sum + one, 0);
  const logShares = shares.map(Math.log);
  const logFactorials = Float64Array.from({ length: trials + 1 }, (_, n) => logGamma(n + 1));
  const term = (count: number, place: number) => count * logShares[place]! - logFactorials[count]!;
  const bound = counts.reduce((sum, count, place) => sum + term(count, place), 0) + 1e-7;
  const whole = logFactorials[trials]!;
  let total = 0;
  const walk = (place: number, left: number, log: number) => {
    if (place === shares.length - 1) {
      const all = log + term(left, place);
      if (all <= bound) total += Math.exp(all + whole);
      return;
    }
    for (let count = 0; count <= left; count++)
      walk(place + 1, left - count, log + term(count, place));
  };
  walk(0, trials, 0);
  return Math.min(1, total);
}

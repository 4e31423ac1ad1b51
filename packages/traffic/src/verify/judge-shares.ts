// From counts to verdicts. All hypotheses of a run are judged together, so that the stated confidence
// holds for the run and not for each of its many tests alone.

import { shareInterval } from './binomial.ts';
import { multinomialTest, type MultinomialTest } from './multinomial.ts';
import { normalQuantile } from './normal-quantile.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** Counts that should come in declared shares, which add up to 1. */
export interface SharesHypothesis {
  readonly counts: readonly number[];
  readonly shares: readonly number[];
}

export interface JudgedShares {
  readonly verdict: Verdict;
  readonly pValue: number;
  readonly method: MultinomialTest['method'];
  /** One per share; together with those of all other hypotheses they hold the true shares with the stated confidence. */
  readonly intervals: readonly { readonly low: number; readonly high: number }[];
  /** About how many more requests a verdict takes; 0 when there is one. */
  readonly neededRequests: number;
}

export interface JudgeOptions {
  /** Of the whole run: the probability that no true share is called wrong, and that none is passed that is off by more than the tolerance. */
  readonly confidence: number;
  /** How far a share may be off and still pass: 0.05 is 5 points. Never more than half of the smaller side of the share. */
  readonly tolerance: number;
}

/** In this share of cases a true share passes when there are as many requests as were asked for. */
const POWER = 0.8;

/**
 * `fail` when an exact test rejects the declared shares (Holm, Scand. J. Statist. 6, 1979, over all
 * hypotheses that have requests), `pass` when the exact intervals of all shares (Bonferroni) lie within
 * the tolerance, else `inconclusive`.
 */
export function judgeShares(
  hypotheses: readonly SharesHypothesis[],
  { confidence, tolerance }: JudgeOptions,
): JudgedShares[] {
  const alpha = 1 - confidence;
  const tests = hypotheses.map(({ counts, shares }) => multinomialTest(counts, shares));
  const rejected = holm(
    tests.map(({ pValue }, index) => (total(hypotheses[index]!) > 0 ? pValue : undefined)),
    alpha,
  );
  const intervals = hypotheses.reduce((sum, one) => sum + unknowns(one), 0);
  const each = alpha / Math.max(1, intervals);
  return hypotheses.map((one, index): JudgedShares => {
    const trials = total(one);
    const bounds = one.counts.map((count) => shareInterval(count, trials, 1 - each));
    const within = one.shares.every((share, at) => {
      const margin = marginOf(share, tolerance);
      return bounds[at]!.low >= share - margin && bounds[at]!.high <= share + margin;
    });
    const verdict = rejected[index] ? 'fail' : within ? 'pass' : 'inconclusive';
    const needed = Math.max(
      ...one.shares.map((share) => requestsFor(share, marginOf(share, tolerance), each)),
    );
    return {
      verdict,
      ...tests[index]!,
      intervals: bounds,
      neededRequests:
        verdict === 'inconclusive' ? Math.max(Math.ceil(trials / 2), needed - trials, 1) : 0,
    };
  });
}

const total = ({ counts }: SharesHypothesis) => counts.reduce((sum, one) => sum + one, 0);

/** Of two shares one says it all. */
const unknowns = ({ shares }: SharesHypothesis) => (shares.length === 2 ? 1 : shares.length);

/** The tolerance for a share; for one of 0 or 1 the whole of it. */
export function marginOf(share: number, tolerance: number): number {
  const smaller = Math.min(share, 1 - share);
  return smaller === 0 ? tolerance : Math.min(tolerance, smaller / 2);
}

/** Which hypotheses are rejected so that none is wrongly with probability 1 - alpha; undefined ones are not tested. */
export function holm(pValues: readonly (number | undefined)[], alpha: number): boolean[] {
  const order = pValues
    .flatMap((pValue, index) => (pValue === undefined ? [] : [{ pValue, index }]))
    .toSorted((a, b) => a.pValue - b.pValue);
  const rejected = pValues.map(() => false);
  for (const [rank, { pValue, index }] of order.entries()) {
    if (pValue > alpha / (order.length - rank)) break;
    rejected[index] = true;
  }
  return rejected;
}

/** How many requests bring the interval of a true share within the margin; by the normal approximation, without any deviation exactly. */
export function requestsFor(share: number, margin: number, alpha: number): number {
  if (share === 0 || share === 1) return Math.ceil(Math.log(alpha / 2) / Math.log(1 - margin));
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(1 - (1 - POWER) / 2);
  return Math.ceil((z * z * share * (1 - share)) / (margin * margin));
}

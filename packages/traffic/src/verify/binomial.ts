// The exact binomial test and the exact interval for a share, by the incomplete beta function. Counts
// of a few million are a matter of microseconds: nothing here adds up single probabilities.

/**
 * Two-sided p-value of `successes` among `trials` when each comes with `share`: the probability of all
 * counts that are no likelier than this one (as R's binom.test and scipy's binomtest have it).
 */
export function binomialTest(successes: number, trials: number, share: number): number {
  if (trials === 0) return 1;
  if (share === 0) return successes === 0 ? 1 : 0;
  if (share === 1) return successes === trials ? 1 : 0;
  const mean = trials * share;
  if (successes === mean) return 1;
  // Equal probabilities may differ in their last digits.
  const bound = logPmf(successes, trials, share) + 1e-7;
  const noLikelier = (count: number) => logPmf(count, trials, share) <= bound;
  if (successes < mean) {
    // The first count above the mean that is no likelier.
    const other = firstWhere(Math.ceil(mean), trials + 1, noLikelier);
    return Math.min(1, lowerTail(successes, trials, share) + upperTail(other, trials, share));
  }
  const after = firstWhere(0, Math.floor(mean) + 1, (count) => !noLikelier(count));
  return Math.min(1, lowerTail(after - 1, trials, share) + upperTail(successes, trials, share));
}

/**
 * Clopper and Pearson's exact interval (Biometrika 26, 1934): it holds the true share with at least
 * `confidence`. 0..1 without trials.
 */
export function shareInterval(
  successes: number,
  trials: number,
  confidence: number,
): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const tail = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : solve((share) => upperTail(successes, trials, share) - tail),
    high: successes === trials ? 1 : solve((share) => tail - lowerTail(successes, trials, share)),
  };
}

/** P(X <= count). */
export function lowerTail(count: number, trials: number, share: number): number {
  if (count < 0) return 0;
  if (count >= trials) return 1;
  return incompleteBeta(1 - share, trials - count, count + 1);
}

/** P(X >= count). */
export function upperTail(count: number, trials: number, share: number): number {
  if (count <= 0) return 1;
  if (count > trials) return 0;
  return incompleteBeta(share, count, trials - count + 1);
}

export function logPmf(count: number, trials: number, share: number): number {
  return (
    logGamma(trials + 1) -
    logGamma(count + 1) -
    logGamma(trials - count + 1) +
    (count === 0 ? 0 : count * Math.log(share)) +
    (count === trials ? 0 : (trials - count) * Math.log1p(-share))
  );
}

/** Of from..end the first that holds, when all after it hold too; `end` when none does. */
function firstWhere(from: number, end: number, holds: (count: number) => boolean): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The zero of a function that rises over 0..1. */
function solve(rising: (share: number) => number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised: I_x(a, b), by Lentz's continued fraction (Numerical Recipes, 3rd edition, 6.4). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  return x < (a + 1) / (a + b + 2)
    ? (front * fraction(x, a, b)) / a
    : 1 - (front * fraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const notZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  // The number of steps grows with the root of the counts.
  const steps = 200 + 10 * Math.ceil(Math.sqrt(Math.max(a, b)));
  for (let m = 1; m <= steps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    const change = d * c;
    result *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return result;
}

const HALF_LOG_TAU = 0.918_938_533_204_672_8;

/** Stirling's series, after the recurrence has brought the argument to 15 and above: about 15 digits. */
export function logGamma(x: number): number {
  let value = x;
  let shift = 0;
  if (value < 15) {
    let product = 1;
    for (; value < 15; value++) product *= value;
    shift = Math.log(product);
  }
  const inverse = 1 / value;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (value - 0.5) * Math.log(value) - value + HALF_LOG_TAU + series - shift;
}

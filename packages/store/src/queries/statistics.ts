// Tests of significance for comparisons. Only what is needed, each checked against published values.

/** Upper tail of the standard normal. */
export function normalTail(z: number): number {
  return 0.5 * erfc(z / Math.SQRT2);
}

/** Two-sided p-value of a standard normal statistic. */
export function twoSided(z: number): number {
  return Number.isFinite(z) ? Math.min(1, erfc(Math.abs(z) / Math.SQRT2)) : 0;
}

/**
 * Two-sided p-value that two success ratios are the same: Fisher's exact test when an expected count is
 * below 5, else the pooled z-test. 1 when a side is empty.
 */
export function twoProportionTest(
  a: { successes: number; trials: number },
  b: { successes: number; trials: number },
): number {
  const trials = a.trials + b.trials;
  if (a.trials <= 0 || b.trials <= 0) return 1;
  const pooled = (a.successes + b.successes) / trials;
  if (pooled <= 0 || pooled >= 1) return 1;
  const smallest = Math.min(pooled, 1 - pooled) * Math.min(a.trials, b.trials);
  if (smallest < 5) return fisherExact(a, b);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials));
  return twoSided((a.successes / a.trials - b.successes / b.trials) / error);
}

/** Fisher's exact test, two-sided: the sum of all tables at most as likely as the one seen. Counts are rounded. */
export function fisherExact(
  a: { successes: number; trials: number },
  b: { successes: number; trials: number },
): number {
  const [a1, an, b1, bn] = [a.successes, a.trials, b.successes, b.trials].map(Math.round) as [
    number,
    number,
    number,
    number,
  ];
  const successes = a1 + b1;
  const low = Math.max(0, successes - bn);
  const high = Math.min(successes, an);
  const logTable = (k: number) =>
    logChoose(an, k) + logChoose(bn, successes - k) - logChoose(an + bn, successes);
  const seen = logTable(a1);
  let p = 0;
  for (let k = low; k <= high; k++) {
    const term = logTable(k);
    if (term <= seen + 1e-7) p += Math.exp(term);
  }
  return Math.min(1, p);
}

/**
 * Two-sided p-value that two Poisson rates are the same: given the sum, the count of A is binomial with
 * A's share of the exposure (Przyborowski & Wilenski, 1940). Exact below 1000 events, normal above.
 */
export function poissonRateTest(
  a: { events: number; exposure: number },
  b: { events: number; exposure: number },
): number {
  const n = Math.round(a.events + b.events);
  if (n === 0 || a.exposure <= 0 || b.exposure <= 0) return 1;
  const share = a.exposure / (a.exposure + b.exposure);
  const k = Math.round(a.events);
  if (n >= 1000) return twoSided((k - n * share) / Math.sqrt(n * share * (1 - share)));
  const logTerm = (i: number) =>
    logChoose(n, i) + i * Math.log(share) + (n - i) * Math.log1p(-share);
  const seen = logTerm(k);
  let p = 0;
  for (let i = 0; i <= n; i++) {
    const term = logTerm(i);
    if (term <= seen + 1e-7) p += Math.exp(term);
  }
  return Math.min(1, p);
}

/** A histogram: counts of observations per value, values ascending. */
export interface Histogram {
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Mann-Whitney's U on two histograms (Mann & Whitney, 1947) with the normal approximation corrected for
 * ties; all in one bucket are ties. `dominance` is the chance that a draw from B exceeds one from A, ties
 * halved: 0.5 means no shift. p is 1 when a side is empty.
 */
export function mannWhitney(a: Histogram, b: Histogram): { p: number; dominance: number } {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const na = sum(a.counts);
  const nb = sum(b.counts);
  if (na <= 0 || nb <= 0) return { p: 1, dominance: 0.5 };
  const at = new Map<number, { a: number; b: number }>();
  for (const side of ['a', 'b'] as const) {
    const histogram = side === 'a' ? a : b;
    for (const [i, value] of histogram.values.entries()) {
      const cell = at.get(value) ?? { a: 0, b: 0 };
      cell[side] += histogram.counts[i]!;
      at.set(value, cell);
    }
  }
  let belowA = 0;
  let u = 0;
  let ties = 0;
  for (const value of [...at.keys()].toSorted((x, y) => x - y)) {
    const cell = at.get(value)!;
    u += cell.b * (belowA + cell.a / 2);
    belowA += cell.a;
    const tied = cell.a + cell.b;
    ties += tied ** 3 - tied;
  }
  const n = na + nb;
  const variance = ((na * nb) / 12) * (n + 1 - ties / (n * (n - 1)));
  const dominance = u / (na * nb);
  if (!(variance > 0)) return { p: 1, dominance };
  return { p: twoSided((u - (na * nb) / 2) / Math.sqrt(variance)), dominance };
}

/**
 * Benjamini and Hochberg's adjusted p-values (1995), in the order given: controls the false discovery rate.
 * `tests` when there are more than these: the others then have to be the weaker ones.
 */
export function benjaminiHochberg(
  pValues: readonly number[],
  tests: number = pValues.length,
): number[] {
  const order = pValues.map((_, i) => i).toSorted((i, j) => pValues[j]! - pValues[i]!);
  const adjusted = Array.from<number>({ length: pValues.length });
  let least = 1;
  for (const [position, i] of order.entries()) {
    const rank = pValues.length - position;
    least = Math.min(least, (pValues[i]! * Math.max(tests, pValues.length)) / rank);
    adjusted[i] = least;
  }
  return adjusted;
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0 by Lanczos' approximation (g = 7, n = 9). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const y = x - 1;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (y + i);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Complementary error function: a series near zero, Lentz's continued fraction beyond (Abramowitz & Stegun 7.1.5, 7.1.14). */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

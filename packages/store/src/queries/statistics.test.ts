import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  benjaminiHochberg,
  fisherExact,
  logGamma,
  mannWhitney,
  normalTail,
  poissonRateTest,
  twoProportionTest,
  twoSided,
} from './statistics.ts';

describe('normal', () => {
  test('has the tables’ tail areas', () => {
    expect(normalTail(0)).toBeCloseTo(0.5, 12);
    expect(normalTail(1)).toBeCloseTo(0.15865525393145707, 12);
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 12);
    expect(normalTail(3)).toBeCloseTo(0.0013498980316300933, 12);
    expect(normalTail(6) / 9.865876450376981e-10).toBeCloseTo(1, 9);
    expect(normalTail(-1)).toBeCloseTo(0.8413447460685429, 12);
    expect(twoSided(2.5758293035489004)).toBeCloseTo(0.01, 10);
  });
  test('logGamma agrees with factorials', () => {
    expect(logGamma(1)).toBeCloseTo(0, 10);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 9);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
  });
});

describe('two proportions', () => {
  test('Fisher’s lady tasting tea: 3 of 4 against 1 of 4 gives 0.4857', () => {
    expect(fisherExact({ successes: 3, trials: 4 }, { successes: 1, trials: 4 })).toBeCloseTo(
      0.4857142857,
      8,
    );
  });
  test('1 of 10 against 11 of 14 gives R’s 0.002759', () => {
    expect(fisherExact({ successes: 1, trials: 10 }, { successes: 11, trials: 14 })).toBeCloseTo(
      0.002759456,
      8,
    );
  });
  test('the pooled z-test on the smoking data of Fleiss (83/86 and 90/93) is R’s without correction', () => {
    // prop.test(c(90,136), c(100,160), correct=FALSE): X-squared = 1.4379…, computed by hand below
    const pooled = 226 / 260;
    const z = (0.9 - 0.85) / Math.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 160));
    expect(
      twoProportionTest({ successes: 90, trials: 100 }, { successes: 136, trials: 160 }),
    ).toBeCloseTo(twoSided(z), 12);
  });
  test('empty and equal sides are no evidence', () => {
    expect(twoProportionTest({ successes: 0, trials: 0 }, { successes: 1, trials: 2 })).toBe(1);
    expect(twoProportionTest({ successes: 0, trials: 9 }, { successes: 0, trials: 7 })).toBe(1);
  });
});

describe('Poisson rates', () => {
  test('11 in 800 against 21 in 3011 is R’s poisson.test 0.07967', () => {
    expect(
      poissonRateTest({ events: 11, exposure: 800 }, { events: 21, exposure: 3011 }),
    ).toBeCloseTo(0.07967, 4);
  });
  test('large counts use the normal limit', () => {
    expect(
      poissonRateTest({ events: 10_000, exposure: 1 }, { events: 10_000, exposure: 1 }),
    ).toBeCloseTo(1, 12);
    expect(
      poissonRateTest({ events: 10_000, exposure: 1 }, { events: 11_000, exposure: 1 }),
    ).toBeLessThan(1e-10);
  });
});

describe('Mann-Whitney', () => {
  test('ties are corrected for as in R’s wilcox.test(exact=FALSE, correct=FALSE)', () => {
    // x = 1,2,2,3  y = 2,3,4,5: U(y) = 13.5, variance 16/12*(9 - 30/56)
    const a = { values: [1, 2, 3], counts: [1, 2, 1] };
    const b = { values: [2, 3, 4, 5], counts: [1, 1, 1, 1] };
    const { p, dominance } = mannWhitney(a, b);
    expect(dominance).toBeCloseTo(13.5 / 16, 12);
    const u = 1 * (1 + 1) + 1 * (3 + 0.5) + 4 + 4;
    const z = (u - 8) / Math.sqrt((16 / 12) * (9 - (24 + 6) / 56));
    expect(p).toBeCloseTo(twoSided(z), 12);
  });
  test('the same histogram on both sides is no shift', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 20 }),
        (counts) => {
          const histogram = { values: counts.map((_, i) => i), counts };
          const { p, dominance } = mannWhitney(histogram, histogram);
          expect(dominance).toBeCloseTo(0.5, 9);
          expect(p).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});

test('Benjamini-Hochberg gives R’s p.adjust', () => {
  const adjusted = benjaminiHochberg([0.01, 0.02, 0.03, 0.04, 0.05]);
  for (const p of adjusted) expect(p).toBeCloseTo(0.05, 12);
  expect(
    benjaminiHochberg([0.001, 0.008, 0.039, 0.041, 0.9]).map((p) => Number(p.toFixed(5))),
  ).toEqual([0.005, 0.02, 0.05125, 0.05125, 0.9]);
  expect(benjaminiHochberg([])).toEqual([]);
});

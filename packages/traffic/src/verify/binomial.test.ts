import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTest, logPmf, lowerTail, shareInterval, upperTail } from './binomial.ts';
import { multinomialTest } from './multinomial.ts';
import { normalQuantile } from './normal-quantile.ts';

// successes, trials, share, scipy 1.17's binomtest p-value, its exact 95 % interval
const SCIPY = [
  [23, 76, 0.3, 1, 0.2024542263707828, 0.41874721644690854],
  [250, 1000, 0.3, 0.0004875556567640872, 0.2234304062646791, 0.2780500062237556],
  [300, 1000, 0.3, 1, 0.27172111212914873, 0.32946167869736503],
  [0, 10, 0.5, 0.001953125, 0, 0.30849710781876294],
  [9, 10, 0.5, 0.021484375, 0.5549838829718047, 0.9974714214555375],
  [3, 40, 0.2, 0.04786946338839313, 0.015742179851041527, 0.20386474873289898],
  [60, 100, 0.5, 0.05688793364098089, 0.4972091504223335, 0.6967052312971551],
  [5, 5, 0.01, 1e-10, 0.47817624989501856, 1],
  [12, 1000, 0.02, 0.07048638816504424, 0.006215525559595244, 0.020867679591036675],
  [301_500, 1_000_000, 0.3, 0.0010713403865928645, 0.3006006302140237, 0.30240051967132736],
  [1, 1_000_000, 0.00001, 0.0011989804375459744, 2.5317805139113815e-8, 5.571630655512304e-6],
  [48, 1000, 0.05, 0.8278299120704271, 0.03560026534289003, 0.06314011540157664],
  [999, 1000, 0.995, 0.07155623512445533, 0.9944410757201502, 0.9999746825125083],
] as const;

describe('the exact binomial test', () => {
  it.each(SCIPY)(
    'of %i in %i by %f gives what scipy gives',
    (count, trials, share, p, low, high) => {
      expect(binomialTest(count, trials, share) / p).toBeCloseTo(1, 8);
      const interval = shareInterval(count, trials, 0.95);
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
    },
  );

  it('adds up the probabilities of all counts that are no likelier', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), share, (a, b, p) => {
        const trials = a + b;
        if (trials === 0) return;
        const pmf = Array.from({ length: trials + 1 }, (_, k) => Math.exp(logPmf(k, trials, p)));
        const sum = (keep: (k: number) => boolean) =>
          pmf.reduce((all, one, k) => all + (keep(k) ? one : 0), 0);
        expect(sum(() => true)).toBeCloseTo(1, 10);
        expect(lowerTail(a, trials, p)).toBeCloseTo(
          sum((k) => k <= a),
          10,
        );
        expect(upperTail(a, trials, p)).toBeCloseTo(
          sum((k) => k >= a),
          10,
        );
        const bound = pmf[a]! * (1 + 1e-7);
        expect(binomialTest(a, trials, p)).toBeCloseTo(
          Math.min(
            1,
            sum((k) => pmf[k]! <= bound),
          ),
          9,
        );
      }),
    );
  });

  it('knows shares of nothing and all', () => {
    expect([
      binomialTest(0, 5, 0),
      binomialTest(1, 5, 0),
      binomialTest(5, 5, 1),
      binomialTest(0, 0, 0.3),
    ]).toEqual([1, 0, 1, 1]);
    expect(shareInterval(0, 0, 0.95)).toEqual({ low: 0, high: 1 });
  });
});

describe('the multinomial test', () => {
  // by scipy's multinomial, all outcomes added up
  it.each([
    [[5, 2, 3], [0.5, 0.3, 0.2], 0.6456250000000008],
    [[40, 20, 0], [0.6, 0.3, 0.1], 0.009658220028433428],
    [[10, 3, 2, 5], [0.4, 0.3, 0.2, 0.1], 0.06953296425795367],
    [[30, 30, 40], [0.3, 0.3, 0.4], 0.9999999999999881],
  ] as const)('of %j by %j gives what listing gives', (counts, shares, p) => {
    const { pValue, method } = multinomialTest(counts, shares);
    expect([pValue / p, method]).toEqual([expect.closeTo(1, 8), 'multinomial']);
  });

  it('tests the shares one by one where the outcomes are too many to list', () => {
    const { pValue, method } = multinomialTest([4000, 3000, 2000, 1000], [0.4, 0.3, 0.2, 0.1]);
    expect([pValue, method]).toEqual([1, 'binomials']);
    expect(multinomialTest([4300, 2700, 2000, 1000], [0.4, 0.3, 0.2, 0.1]).pValue).toBeLessThan(
      1e-6,
    );
  });

  it('takes a request where none may go for the end of it', () => {
    expect(multinomialTest([99, 0, 1], [0.5, 0.5, 0]).pValue).toBe(0);
    expect(multinomialTest([99], [1]).pValue).toBe(1);
  });
});

it('the normal quantile is scipy’s', () => {
  for (const [p, z] of [
    [0.975, 1.959963984540054],
    [0.9, 1.2815515655446004],
    [0.001, -3.090232306167813],
    [1e-9, -5.9978070150076865],
  ] as const)
    expect(normalQuantile(p)).toBeCloseTo(z, 7);
});

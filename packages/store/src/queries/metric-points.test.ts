import { describe, expect, test } from 'vitest';
import { ratesAt, valuesAt } from './metric-points.ts';

const samples = (points: [number, number][]) => ({
  timesMs: points.map(([time]) => time * 1000),
  values: points.map(([, value]) => value),
});

describe('valuesAt', () => {
  test('takes the newest sample that is not stale', () => {
    const own = samples([
      [10, 1],
      [20, 2],
      [30, Number.NaN],
    ]);
    expect(valuesAt(own, [5_000, 10_000, 29_000, 31_000, 1_000_000])).toEqual([
      null,
      1,
      2,
      null,
      null,
    ]);
  });
});

describe('ratesAt is Prometheus’ rate()', () => {
  // promql/promqltest/testdata/functions.test: load 5m, http_requests 0+10x10; rate over 50m at 50m = 0.033…
  test('steady growth', () => {
    const own = samples(Array.from({ length: 11 }, (_, i) => [i * 300, i * 10]));
    expect(ratesAt(own, [3000_000], 3000_000)[0]).toBeCloseTo(1 / 30, 9);
  });
  test('a reset counts from zero', () => {
    // 0 10 20 30 40 50 0 10 20 30 40 over 50 minutes: an increase of 90 in 50 minutes, none of it lost
    const values = [0, 10, 20, 30, 40, 50, 0, 10, 20, 30, 40];
    const own = samples(values.map((value, i) => [i * 300, value]));
    expect(ratesAt(own, [3000_000], 3001_000)[0]).toBeCloseTo(90 / 3001, 4);
  });
  test('fewer than two samples give nothing', () => {
    expect(ratesAt(samples([[10, 1]]), [20_000], 15_000)).toEqual([null]);
    expect(ratesAt(samples([]), [20_000], 15_000)).toEqual([null]);
  });
});

import { describe, expect, it } from 'vitest';
import { nextArrivalMs, pickWeighted, workMs } from './random.ts';

/** A small seeded generator (mulberry32), so that the figures below are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('workMs', () => {
  it('has the median it was given and a tail to the right', () => {
    const random = seeded(7);
    const values = Array.from({ length: 20_000 }, () => workMs(10, 0.5, random)).toSorted(
      (a, b) => a - b,
    );
    expect(values[10_000]).toBeGreaterThan(9.7);
    expect(values[10_000]).toBeLessThan(10.3);
    expect(values[19_800]! / values[10_000]!).toBeGreaterThan(2.5);
    expect(values[0]).toBeGreaterThan(0);
  });
});

describe('nextArrivalMs', () => {
  it('gives the asked rate over many arrivals', () => {
    const random = seeded(3);
    const total = Array.from({ length: 10_000 }, () => nextArrivalMs(40, random)).reduce(
      (sum, wait) => sum + wait,
    );
    expect(10_000 / (total / 1000)).toBeCloseTo(40, -0.5);
  });

  it('never comes at rate 0', () => {
    expect(nextArrivalMs(0, Math.random)).toBe(Infinity);
  });
});

describe('pickWeighted', () => {
  it('picks in proportion to the weights', () => {
    const random = seeded(5);
    const items = [{ weight: 3 }, { weight: 1 }];
    const first = Array.from({ length: 8000 }, () => pickWeighted(items, random)).filter(
      (item) => item === items[0],
    ).length;
    expect(first / 8000).toBeCloseTo(0.75, 1);
  });

  it('gives the last item when rounding leaves nothing', () => {
    expect(pickWeighted([{ weight: 1 }], () => 0.9999999999999999)).toEqual({ weight: 1 });
  });
});

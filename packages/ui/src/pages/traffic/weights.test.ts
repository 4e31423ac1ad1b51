import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPercent, moveWeight } from './weights.ts';

const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);

describe('weights', () => {
  it('always make 100, none below nothing', () => {
    const weights = fc.array(fc.nat(1000), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.nat(5), fc.integer({ min: -20, max: 130 }), (list, index, to) => {
        const start = asPercent(list);
        expect(sum(start)).toBe(100);
        const moved = moveWeight(start, index % list.length, to);
        expect(sum(moved)).toBe(100);
        expect(Math.min(...moved)).toBeGreaterThanOrEqual(0);
        expect(moved[index % list.length]).toBe(Math.min(100, Math.max(0, to)));
      }),
    );
  });

  it('keep their proportion when another moves', () => {
    expect(moveWeight([60, 30, 10], 0, 20)).toEqual([20, 60, 20]);
    expect(moveWeight([100, 0], 0, 95)).toEqual([95, 5]);
  });
});

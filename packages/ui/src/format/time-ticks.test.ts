import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeTicks } from './time-ticks.ts';

it('stands on whole seconds, each once', () => {
  expect(timeTicks(28_400, 35_100, 6)).toEqual([30_000, 32_000, 34_000]);
});

it('has one tick in an empty range', () => {
  expect(timeTicks(5, 5, 6)).toEqual([5]);
});

it('stays within the range, evenly apart, never more than one beyond what was wanted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1, max: 3e9 }),
      fc.integer({ min: 2, max: 20 }),
      (from, range, most) => {
        const ticks = timeTicks(from, from + range, most);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const tick of ticks) expect(tick >= from && tick <= from + range).toBe(true);
        const gaps = new Set(ticks.slice(1).map((tick, index) => tick - ticks[index]!));
        expect(gaps.size).toBeLessThanOrEqual(1);
      },
    ),
  );
});

import { expect, it } from 'vitest';
import { createOutburst } from './outburst.ts';

it('many at a time are an outburst, as many over a longer time are not', () => {
  let nowMs = 0;
  const outburst = createOutburst({ most: 3, withinMs: 60_000, now: () => nowMs });
  const at = (ms: number) => {
    nowMs = ms;
    return outburst();
  };
  expect([0, 30_000, 60_000, 90_000, 90_001].map(at)).toEqual([false, false, false, false, true]);
});

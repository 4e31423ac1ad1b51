import { expect, it } from 'vitest';
import { meanRate, peakOf } from './means.ts';

const meta = {
  start: new Date(5000).toISOString(),
  end: new Date(25_000).toISOString(),
  complete: true,
  sampled: false,
  notes: [],
  tookMs: 1,
};

it('the mean weighs a step by its part of the range', () => {
  const answer = { timesMs: [0, 10_000, 20_000], stepMs: 10_000, meta };
  expect(meanRate([2, 4, 8], answer)).toBe((2 * 5 + 4 * 10 + 8 * 5) / 20);
  expect(meanRate([null, 4, 8], answer)).toBe((4 * 10 + 8 * 5) / 15);
  expect(meanRate([null, null, null], answer)).toBe(0);
});

it('counts from the first span where the answer does', () => {
  const late = { ...meta, ratesSince: new Date(15_000).toISOString() };
  expect(meanRate([null, 4, 8], { timesMs: [0, 10_000, 20_000], stepMs: 10_000, meta: late })).toBe(
    (4 * 5 + 8 * 5) / 10,
  );
});

it('the peak of nothing is 0', () => {
  expect([peakOf([1, null, 3]), peakOf([null])]).toEqual([3, 0]);
});

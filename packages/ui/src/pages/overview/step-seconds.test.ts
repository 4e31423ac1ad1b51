import { expect, it } from 'vitest';
import { stepSeconds } from './step-seconds.ts';

it('counts only what lies within the range', () => {
  const at = (second: number) => ({
    timeMs: second * 1000,
    requests: 1,
    errors: 0,
    p95Ns: null,
    lost: 0,
  });
  const seconds = stepSeconds({
    meta: {
      start: new Date(5000).toISOString(),
      end: new Date(42_000).toISOString(),
      complete: true,
      sampled: false,
      notes: [],
      tookMs: 1,
    },
    series: [at(0), at(15), at(30)],
    stepMs: 15_000,
  });
  expect([0, 1, 2].map(seconds)).toEqual([10, 15, 12]);
});

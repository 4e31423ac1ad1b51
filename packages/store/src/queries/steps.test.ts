import { expect, it } from 'vitest';
import { stepsOf, wholeSteps } from './steps.ts';

const SECOND = 1000;

it('calls no step whole that the range cuts', () => {
  const range = { startMs: 5 * SECOND, endMs: 42 * SECOND };
  const steps = stepsOf(range, { stepMs: 10 * SECOND });
  expect(steps.timesMs).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  expect(wholeSteps(steps, range)).toEqual({ completeFromMs: 10_000, incompleteFromMs: 40_000 });
  const even = { startMs: 0, endMs: 40 * SECOND };
  expect(wholeSteps(stepsOf(even, { stepMs: 10 * SECOND }), even)).toEqual({
    completeFromMs: 0,
    incompleteFromMs: 40_000,
  });
});

it('nor one that ended so lately that its spans may be on their way', () => {
  const range = { startMs: 0, endMs: 42 * SECOND };
  const steps = stepsOf(range, { stepMs: 10 * SECOND });
  const at = (nowMs: number) => wholeSteps(steps, { ...range, nowMs }).incompleteFromMs;
  expect([42, 44.9, 45, 60].map((seconds) => at(seconds * SECOND))).toEqual([
    30_000, 30_000, 40_000, 40_000,
  ]);
});

it('may call none of them whole', () => {
  const range = { startMs: 1, endMs: 3000, nowMs: 3000 };
  const steps = stepsOf(range, { stepMs: 1000 });
  expect(wholeSteps(steps, range)).toEqual({ completeFromMs: 1000, incompleteFromMs: 0 });
});

import { expect, it } from 'vitest';
import { firstKnownMs, firstStep, lateStart, wholeSteps } from './late-start.ts';

const range = { startMs: 0, endMs: 900 };

it('draws from the beginning of data that begin in the last third of the range', () => {
  expect(lateStart(range, 601)).toBe(601);
  expect(lateStart(range, 600)).toBeUndefined();
  expect(lateStart(range, undefined)).toBeUndefined();
  expect(lateStart(range, null)).toBeUndefined();
  expect(lateStart(range, 900)).toBeUndefined();
});

it('begins with the step that has the first of them, and draws two at least', () => {
  const times = [0, 100, 200, 300, 400, 500, 600, 700, 800];
  expect(firstStep(times, 100, 750)).toBe(7);
  expect(firstStep(times, 100, 890)).toBe(7);
  expect(firstStep(times, 100, 100)).toBe(0);
  expect(firstStep([], 100, 100)).toBe(0);
});

it('knows when the first value of any series came', () => {
  const series = [
    [null, null, 1],
    [null, 0, null],
  ];
  expect(firstKnownMs([10, 20, 30], series)).toBe(20);
  expect(firstKnownMs([10], [[null]])).toBeUndefined();
});

it('leaves out of sparklines the step that still runs', () => {
  expect(wholeSteps([1, 2, 3, 4, 5, 6, 7, 8, 9], range, undefined)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8,
  ]);
  expect(wholeSteps([0, 0, 0, 0, 0, 0, 5, 6, 1], range, 620)).toEqual([5, 6]);
  expect(wholeSteps([0, 0, 0, 0, 0, 0, 0, 6, 1], range, 750)).toEqual([6]);
});

import { expect, it } from 'vitest';
import { wholeRange, wholeValues } from './whole-steps.ts';

const timesMs = [0, 10, 20, 30, 40];

it('leaves out steps that are cut at the beginning, and those that still fill', () => {
  expect(wholeRange(timesMs, { completeFromMs: 10, incompleteFromMs: 30 })).toEqual([1, 3]);
  expect(wholeRange(timesMs, { completeFromMs: 0, incompleteFromMs: 50 })).toEqual([0, 5]);
  expect(
    wholeValues(['a', 'b', 'c', 'd', 'e'], { timesMs, completeFromMs: 10, incompleteFromMs: 40 }),
  ).toEqual(['b', 'c', 'd']);
});

it('takes all steps where none is whole', () => {
  expect(wholeRange(timesMs, { completeFromMs: 10, incompleteFromMs: 10 })).toEqual([0, 5]);
  expect(wholeRange(timesMs, { completeFromMs: 50, incompleteFromMs: 0 })).toEqual([0, 5]);
  expect(wholeRange([], { completeFromMs: 0, incompleteFromMs: 0 })).toEqual([0, 0]);
});

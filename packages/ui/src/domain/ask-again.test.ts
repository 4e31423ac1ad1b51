import { expect, it } from 'vitest';
import { askAgainMs, type AskState } from './ask-again.ts';

const state = (changes: Partial<AskState>): AskState => ({
  status: 'success',
  dataUpdatedAt: 0,
  errorUpdatedAt: 0,
  errorUpdateCount: 0,
  ...changes,
});

it('asks steadily while there are answers, also after earlier failures', () => {
  expect(askAgainMs(state({ errorUpdateCount: 9 }), 5000)).toBe(5000);
});

it('leaves a slow answer twice the time that it took', () => {
  expect(askAgainMs(state({ tookMs: 2000 }), 5000)).toBe(5000);
  expect(askAgainMs(state({ tookMs: 8000 }), 5000)).toBe(16_000);
});

it('doubles the pause of a question that never had an answer, up to five minutes', () => {
  const pauses = [1, 2, 3, 9, 999].map((errorUpdateCount) =>
    askAgainMs(state({ status: 'error', errorUpdateCount }), 5000),
  );
  expect(pauses).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
});

it('waits as long as an answer is old, between the live pace and a minute', () => {
  const after = (ageMs: number) =>
    askAgainMs(state({ status: 'error', dataUpdatedAt: 1, errorUpdatedAt: 1 + ageMs }), 5000);
  expect([1000, 12_000, 900_000].map(after)).toEqual([5000, 12_000, 60_000]);
});

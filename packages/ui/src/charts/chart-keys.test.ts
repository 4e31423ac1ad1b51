import { expect, it } from 'vitest';
import { nextIndex } from './chart-keys.ts';

it('moves within the chart, from its ends when there is no cursor yet', () => {
  expect(nextIndex('ArrowLeft', undefined, 10)).toBe(9);
  expect(nextIndex('ArrowRight', undefined, 10)).toBe(0);
  expect(nextIndex('ArrowLeft', 0, 10)).toBe(0);
  expect(nextIndex('ArrowRight', 9, 10)).toBe(9);
  expect(nextIndex('Home', 4, 10)).toBe(0);
  expect(nextIndex('End', 4, 10)).toBe(9);
});

it('leaves other keys alone, and all keys of an empty chart', () => {
  expect(nextIndex('a', 4, 10)).toBeUndefined();
  expect(nextIndex('ArrowLeft', undefined, 0)).toBeUndefined();
});

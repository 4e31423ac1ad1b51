import { expect, it } from 'vitest';
import { decades, powers } from './log-scale.ts';

it('spans whole decades around the values', () => {
  expect(decades(3e6, 4e8)).toEqual([1e6, 1e9]);
  expect(decades(1e6, 1e6)).toEqual([1e6, 1e7]);
  expect(powers(1e6, 1e9)).toEqual([1e6, 1e7, 1e8, 1e9]);
});

it('stands somewhere also without values', () => {
  expect(decades(null, null)).toEqual([1, 10]);
  expect(decades(0, 5)).toEqual([1, 10]);
});

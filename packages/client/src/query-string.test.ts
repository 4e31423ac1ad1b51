import { expect, test } from 'vitest';
import { queryString } from './query-string.ts';

test('arrays become repeated parameters and absent values are left out', () => {
  expect(queryString({ filter: ['a=b', 'c>1'], service: undefined, limit: 5, by: null })).toBe(
    '?filter=a%3Db&filter=c%3E1&limit=5',
  );
});

test('nothing to ask is no text', () => {
  expect(queryString(undefined)).toBe('');
  expect(queryString({ a: undefined, b: [] })).toBe('');
});

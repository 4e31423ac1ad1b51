import { expect, it } from 'vitest';
import { parseSides } from './sides.ts';

it('reads filters and windows', () => {
  expect(parseSides(['version=v1', 'now-2h..now-1h'], ['url=~/a..b/'])).toEqual({
    aStart: 'now-2h',
    aEnd: 'now-1h',
    aVersion: undefined,
    aFilter: ['version=v1'],
    bStart: undefined,
    bEnd: undefined,
    bVersion: undefined,
    bFilter: ['url=~/a..b/'],
  });
});

it('refuses what is neither', () => {
  expect(() => parseSides(['v1'], [])).toThrow('--a v1: neither a filter nor a window');
  expect(() => parseSides([], ['a..b', 'c..d'])).toThrow('--b has two windows');
});

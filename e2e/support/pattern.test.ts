import { expect, it } from 'vitest';
import { keepPatterns, matches } from './pattern.ts';

it('takes an output as it stands where it has no pattern', () => {
  expect(matches('a  b', 'a  b')).toBe(true);
  expect(matches('a  b', 'a b')).toBe(false);
});

it('takes any text for …, and any lines for a line of it', () => {
  expect(matches('in force after …', 'in force after 3.2 ms')).toBe(true);
  expect(matches('in force after …', 'out of force')).toBe(false);
  expect(matches('first\n…\nlast', 'first\nx\ny\nlast')).toBe(true);
  expect(matches('first\n…\nlast', 'first\nx')).toBe(false);
});

it('takes a number that chance gives for ~N', () => {
  expect(matches('  ~200 v1', '  187 v1')).toBe(true);
  expect(matches('  ~200 v1', '  90 v1')).toBe(false);
  expect(matches('  ~200 v1', '  many v1')).toBe(false);
});

it('keeps the patterns of lines that are still right when an output is written anew', () => {
  expect(keepPatterns('a 1\nb …', 'a 2\nb 7')).toBe('a 2\nb …');
});

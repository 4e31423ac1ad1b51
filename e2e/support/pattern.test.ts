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

it('takes a number that chance gives for ~N/TOTAL', () => {
  expect(matches('  ~200/1000 v1', '  187 v1')).toBe(true);
  expect(matches('  ~200/1000 v1', '  90 v1')).toBe(false);
  expect(matches('  ~200/1000 v1', '  many v1')).toBe(false);
  expect(matches('~200 of 1000 pass', '187 of 1000 pass')).toBe(true);
  expect(matches('~200 of 1000 pass', '187 of 1001 pass')).toBe(false);
});

it.each([
  // 4 · √(1000 · 0.2 · 0.8) = 50.6, for the share and for the rest of it.
  [200, 1000, 149, 250],
  [800, 1000, 749, 850],
  // 4 · √(4000 · 0.05 · 0.95) = 55.1, where the square root of the count would allow 246.
  [3800, 4000, 3744, 3855],
  [1000, 1000, 999, 1000],
])('takes ~%d/%d from above %d to %d', (count, total, below, highest) => {
  const takes = (value: number) => matches(`~${count}/${total} v1`, `${value} v1`);
  expect([below, below + 1, highest, highest + 1].map(takes)).toEqual([false, true, true, false]);
});

it('keeps the patterns of lines that are still right when an output is written anew', () => {
  expect(keepPatterns('a 1\nb …', 'a 2\nb 7')).toBe('a 2\nb …');
});

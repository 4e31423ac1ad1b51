import { expect, it } from 'vitest';
import { sparkline } from './sparkline.ts';

it('draws heights against the largest, blanks for nothing', () => {
  expect(sparkline([0, 1, 4, null, 8])).toBe('▁▁▄ █');
  expect(sparkline([])).toBe('');
  expect(sparkline([0, 0])).toBe('▁▁');
});

it('puts many values together without losing a peak', () => {
  expect(sparkline([0, 0, 8, 0, 0, 0], 2)).toBe('█▁');
});

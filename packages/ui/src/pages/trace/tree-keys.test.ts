import { expect, it } from 'vitest';
import type { TraceSpan } from '@clover/model';
import { treeStep } from './tree-keys.ts';
import { visibleSpans } from './visible-spans.ts';

// root > (a > (b), c)
const spans = [
  ['root', 0],
  ['a', 1],
  ['b', 2],
  ['c', 1],
].map(([spanId, depth]) => ({ spanId, depth }) as TraceSpan);
const open = visibleSpans(spans, new Set());

it('moves by row, and to both ends', () => {
  const steps = (['ArrowDown', 'ArrowUp', 'Home', 'End'] as const).map((key) =>
    treeStep(key, open, 1),
  );
  expect(steps).toEqual([{ to: 2 }, { to: 0 }, { to: 0 }, { to: 3 }]);
  expect(treeStep('ArrowDown', open, 3)).toEqual({ to: 3 });
});

it('closes with the left key what is open, and goes up from what is not', () => {
  expect(treeStep('ArrowLeft', open, 1)).toEqual({ toggle: 'a' });
  expect(treeStep('ArrowLeft', open, 2)).toEqual({ to: 1 });
  expect(treeStep('ArrowLeft', open, 3)).toEqual({ to: 0 });
});

it('opens with the right key what is closed, and goes down into what is open', () => {
  expect(treeStep('ArrowRight', visibleSpans(spans, new Set(['a'])), 1)).toEqual({ toggle: 'a' });
  expect(treeStep('ArrowRight', open, 1)).toEqual({ to: 2 });
  expect(treeStep('ArrowRight', open, 2)).toBeUndefined();
});

it('begins at the top when no row has the cursor, and leaves other keys alone', () => {
  expect(treeStep('ArrowDown', open, -1)).toEqual({ to: 0 });
  expect(treeStep('x', open, 1)).toBeUndefined();
  expect(treeStep('Enter', open, 1)).toEqual({ open: 'a' });
});

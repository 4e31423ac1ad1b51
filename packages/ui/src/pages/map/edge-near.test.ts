import { expect, it } from 'vitest';
import type { GraphEdge } from '@clover/model';
import { edgeNear } from './edge-near.ts';

const places = { a: { x: 0, y: 0 }, b: { x: 1000, y: 0 }, c: { x: 1000, y: 400 } };
const edges = [
  { from: 'a', to: 'b' },
  { from: 'a', to: 'c' },
  { from: 'a', to: 'unplaced' },
] as GraphEdge[];
const near = (x: number, y: number, most = 10) => edgeNear({ x, y }, edges, { places, most })?.to;

it('is the nearest within reach', () => {
  expect(near(500, 4)).toBe('b');
  expect(near(500, 196)).toBe('c');
  expect(near(500, 100)).toBeUndefined();
  expect(near(500, 60, 500)).toBe('b');
  // Beyond its end, over the box of the service.
  expect(near(950, 0)).toBeUndefined();
});

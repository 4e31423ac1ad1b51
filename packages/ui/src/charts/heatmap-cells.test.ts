import { expect, it } from 'vitest';
import type { LatencyHeatmap } from '@clover/model';
import { brushOf, countedCells, movedCell } from './heatmap-cells.ts';

// Two steps, three buckets; all requests in the middle of the first step, and at the top of the second.
const data = {
  stepMs: 1000,
  timesMs: [10_000, 11_000],
  buckets: [
    { fromNs: 1, toNs: 2 },
    { fromNs: 2, toNs: 4 },
    { fromNs: 4, toNs: 8 },
  ],
  counts: [
    [0, 5, 0],
    [0, 0, 2],
  ],
  errors: [
    [0, 1, 0],
    [0, 0, 0],
  ],
} as unknown as LatencyHeatmap;

it('takes all between two corners, in whatever order they were set', () => {
  const brush = { startMs: 10_000, endMs: 12_000, minNs: 2, maxNs: 8 };
  expect(brushOf(data, { column: 0, row: 1 }, { column: 1, row: 2 })).toEqual(brush);
  expect(brushOf(data, { column: 1, row: 1 }, { column: 0, row: 2 })).toEqual(brush);
});

it('is nothing where nothing was counted', () => {
  expect(brushOf(data, { column: 0, row: 0 }, { column: 1, row: 0 })).toBeUndefined();
  expect(brushOf(data, { column: 1, row: 1 }, { column: 1, row: 1 })).toBeUndefined();
});

it('moves by key within the map, and begins where the newest requests are', () => {
  expect(movedCell('ArrowLeft', undefined, data)).toEqual({ column: 1, row: 2 });
  expect(movedCell('ArrowLeft', { column: 0, row: 1 }, data)).toEqual({ column: 0, row: 1 });
  expect(movedCell('ArrowUp', { column: 0, row: 1 }, data)).toEqual({ column: 0, row: 2 });
  expect(movedCell('End', { column: 0, row: 1 }, data)).toEqual({ column: 1, row: 1 });
  expect(movedCell('x', { column: 0, row: 1 }, data)).toBeUndefined();
});

it('lists what was counted, newest first', () => {
  expect(countedCells(data).map(({ timeMs, count, errors }) => [timeMs, count, errors])).toEqual([
    [11_000, 2, 0],
    [10_000, 5, 1],
  ]);
});

import type { LatencyHeatmap } from '@clover/model';
import { expect, it } from 'vitest';
import { createFigures } from '../output/figures.ts';
import { createStyle } from '../output/style.ts';
import { heatmapLines } from './heatmap.ts';

const heatmap = {
  stepMs: 60_000,
  timesMs: [0, 60_000, 120_000],
  buckets: [
    { fromNs: 0, toNs: 10e6 },
    { fromNs: 10e6, toNs: 100e6 },
  ],
  counts: [
    [100, 0],
    [25, 1],
    [0, 0],
  ],
  errors: [
    [0, 0],
    [0, 1],
    [0, 0],
  ],
} as unknown as LatencyHeatmap;
const options = (unicode: boolean, width = 80) => ({
  style: createStyle(false),
  figures: createFigures({ machine: true, unicode, nowMs: 0 }),
  width,
});

it('draws slow above fast, more as darker, and lets a single request show', () => {
  expect(heatmapLines(heatmap, options(true)).slice(0, 2)).toEqual([
    ' 100 ms   ░ ',
    '10.0 ms  █▒ ',
  ]);
  expect(heatmapLines(heatmap, options(false)).slice(0, 2)).toEqual([
    ' 100 ms   . ',
    '10.0 ms  #: ',
  ]);
});

it('puts steps together where the terminal is narrow, and loses no request', () => {
  const wide = {
    ...heatmap,
    timesMs: Array.from({ length: 100 }, (_, i) => i * 60_000),
    counts: Array.from({ length: 100 }, (_, i) => (i === 99 ? [0, 1] : [1, 0])),
    errors: Array.from({ length: 100 }, () => [0, 0]),
  };
  const [slow, fast] = heatmapLines(wide, options(true, 29));
  expect(slow).toMatch(/^ 100 ms +▒$/);
  expect(fast).toHaveLength(29);
});

it('draws nothing of nothing', () => {
  expect(heatmapLines({ ...heatmap, buckets: [], counts: [] }, options(true))).toEqual([]);
});

// Cells of a heatmap: a column a time step, a row a bucket of durations, counted from below.

import type { LatencyHeatmap } from '@clover/model';

export interface Cell {
  readonly column: number;
  readonly row: number;
}

export interface Brush {
  readonly startMs: number;
  readonly endMs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

/** All between two corners, both included; undefined where nothing was counted. */
export function brushOf(data: LatencyHeatmap, a: Cell, b: Cell): Brush | undefined {
  const [left, right] = [Math.min(a.column, b.column), Math.max(a.column, b.column)];
  const [low, high] = [Math.min(a.row, b.row), Math.max(a.row, b.row)];
  const any = data.counts
    .slice(left, right + 1)
    .some((column) => column.slice(low, high + 1).some((count) => count > 0));
  if (!any) return undefined;
  return {
    startMs: data.timesMs[left]!,
    endMs: data.timesMs[right]! + data.stepMs,
    minNs: data.buckets[low]!.fromNs,
    maxNs: data.buckets[high]!.toNs,
  };
}

const STEPS: Readonly<Record<string, readonly [columns: number, rows: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  Home: [Number.NEGATIVE_INFINITY, 0],
  End: [Number.POSITIVE_INFINITY, 0],
};

/** Where a key moves the cursor, from the fullest cell of the last column when it stands nowhere; undefined for others. */
export function movedCell(
  key: string,
  at: Cell | undefined,
  { counts }: LatencyHeatmap,
): Cell | undefined {
  const step = STEPS[key];
  const columns = counts.length;
  const rows = counts[0]?.length ?? 0;
  if (!step || columns === 0 || rows === 0) return undefined;
  if (!at) return fullestOfLast(counts);
  return {
    column: Math.min(columns - 1, Math.max(0, at.column + step[0])),
    row: Math.min(rows - 1, Math.max(0, at.row + step[1])),
  };
}

function fullestOfLast(counts: LatencyHeatmap['counts']): Cell {
  const column = Math.max(
    0,
    counts.findLastIndex((cells) => cells.some((count) => count > 0)),
  );
  const cells = counts[column]!;
  return { column, row: cells.indexOf(Math.max(...cells)) };
}

export interface CountedCell {
  readonly timeMs: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
  readonly errors: number;
  readonly cell: Cell;
}

/** Those with requests, newest first, longest first. */
export function countedCells(data: LatencyHeatmap): CountedCell[] {
  return data.timesMs
    .flatMap((timeMs, column) =>
      data.buckets.map(({ fromNs, toNs }, row) => ({
        timeMs,
        fromNs,
        toNs,
        count: data.counts[column]![row]!,
        errors: data.errors[column]![row]!,
        cell: { column, row },
      })),
    )
    .filter(({ count }) => count > 0)
    .toReversed();
}

// Latency over time in the terminal: columns are steps, rows are durations, darker cells hold more requests.
import type { LatencyHeatmap } from '@clover/model';
import type { Figures } from '../output/figures.ts';
import type { Style } from '../output/style.ts';
import { padTo, textWidth } from '../output/text.ts';

const SHADES = ' ░▒▓█';
const PLAIN_SHADES = ' .:*#';
const MAX_ROWS = 16;

export interface HeatmapOptions {
  readonly style: Style;
  readonly figures: Figures;
  /** Cells of the terminal. */
  readonly width: number;
}

/** Slow on top. A cell is red where at least a tenth of its requests failed. No lines without requests. */
export function heatmapLines(heatmap: LatencyHeatmap, options: HeatmapOptions): string[] {
  const { style, figures, width } = options;
  const { buckets, counts } = heatmap;
  if (buckets.length === 0 || counts.length === 0) return [];
  const rows = folded(buckets.length, MAX_ROWS);
  const labels = rows.map(({ to }) => figures.duration(buckets[to - 1]!.toNs));
  const label = Math.max(...labels.map(textWidth));
  const columns = folded(counts.length, Math.max(10, width - label - 2));
  const sum = (of: readonly (readonly number[])[], column: Part, row: Part) => {
    let total = 0;
    for (let step = column.from; step < column.to; step++)
      for (let bucket = row.from; bucket < row.to; bucket++) total += of[step]![bucket] ?? 0;
    return total;
  };
  const cells = rows.map((row) =>
    columns.map((column) => ({
      count: sum(counts, column, row),
      errors: sum(heatmap.errors, column, row),
    })),
  );
  const top = Math.max(...cells.flat().map(({ count }) => count));
  if (top === 0) return [];
  const shades = figures.unicode ? SHADES : PLAIN_SHADES;
  const lines = cells.map((line, index) => {
    const drawn = line.map(({ count, errors }) => {
      // The square root lets few requests show beside many.
      const shade = count === 0 ? 0 : Math.max(1, Math.round(Math.sqrt(count / top) * 4));
      const cell = shades[shade]!;
      return errors > 0 && errors * 10 >= count ? style.red(cell) : cell;
    });
    return `${style.dim(padTo(labels[index]!, label, 'right'))}  ${drawn.join('')}`;
  });
  const from = figures.time(heatmap.timesMs[0]!);
  const to = figures.time(heatmap.timesMs.at(-1)! + heatmap.stepMs);
  const gap = Math.max(1, columns.length - textWidth(from) - textWidth(to));
  return [
    ...lines.toReversed(),
    style.dim(`${' '.repeat(label + 2)}${from}${' '.repeat(gap)}${to}`),
  ];
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** `count` neighbours in at most `most` parts, as equal as can be. */
function folded(count: number, most: number): Part[] {
  const parts = Math.min(count, most);
  return Array.from({ length: parts }, (_, i) => ({
    from: Math.floor((i * count) / parts),
    to: Math.floor(((i + 1) * count) / parts),
  }));
}

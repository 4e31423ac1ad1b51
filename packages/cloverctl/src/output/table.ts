// Rows in aligned columns: with a header and fitted to its width on a terminal, plain in a pipe.
import { harmless, padTo, shorten, textWidth } from './text.ts';
import type { Paint, Style } from './style.ts';
import type { Figures } from './figures.ts';

export interface Column<Row> {
  readonly title: string;
  /** What stands there, without colours; made harmless by the table. */
  readonly text: (row: Row, figures: Figures) => string;
  readonly align?: 'right';
  readonly paint?: (row: Row, style: Style) => Paint | undefined;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
  /** Only on a terminal that can draw; the first to go when it is narrow. */
  readonly drawn?: boolean;
  /** May be shortened down to so many cells when the terminal is narrow. */
  readonly shrinkTo?: number;
  /** How it is shortened to so many cells; at its end when not given. */
  readonly shorten?: (text: string, width: number) => string;
}

export interface TableOptions {
  readonly style: Style;
  readonly figures: Figures;
  readonly wide: boolean;
  readonly header: boolean;
  readonly drawn: boolean;
  /** Cells of the terminal; undefined leaves every text as long as it is. */
  readonly width: number | undefined;
}

const GAP = '  ';

/** Lines without line ends; empty when there are no rows. */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string[] {
  if (rows.length === 0) return [];
  const { style, figures } = options;
  let shown = columns.filter(
    (column) => (options.wide || !column.wide) && (options.drawn || !column.drawn),
  );
  const cellsOf = (from: readonly Column<Row>[]) =>
    rows.map((row) => from.map((column) => harmless(column.text(row, figures))));
  const widthsOf = (from: readonly Column<Row>[], cells: readonly string[][]) =>
    from.map((column, index) =>
      Math.max(
        options.header ? textWidth(column.title) : 0,
        ...cells.map((line) => textWidth(line[index]!)),
      ),
    );
  let cells = cellsOf(shown);
  let widths = widthsOf(shown, cells);
  if (options.width !== undefined && total(widths) > options.width) {
    const kept = shown.filter((column) => !column.drawn);
    if (kept.length < shown.length) {
      shown = kept;
      cells = cellsOf(shown);
      widths = widthsOf(shown, cells);
    }
    widths = shrink(widths, shown, options.width);
  }
  const place = (text: string, index: number): string =>
    padTo(cut(shown[index]!, text, widths[index]!), widths[index]!, shown[index]!.align ?? 'left');
  const lines = cells.map((line, rowIndex) =>
    line
      .map((text, index) => {
        const paint = shown[index]!.paint?.(rows[rowIndex]!, style);
        const placed = place(text, index);
        return paint ? paint(placed) : placed;
      })
      .join(GAP),
  );
  if (options.header)
    lines.unshift(style.dim(shown.map((column, index) => place(column.title, index)).join(GAP)));
  return lines.map((line) => (style.colour ? line : line.trimEnd()));
}

const cut = <Row>(column: Column<Row>, text: string, width: number): string =>
  (column.shorten ?? shorten)(text, width);

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);

/** Takes from the widest column that may still give, a cell at a time, until the line fits or nobody can. */
function shrink<Row>(
  widths: readonly number[],
  columns: readonly Column<Row>[],
  width: number,
): number[] {
  const result = [...widths];
  for (let over = total(result) - width; over > 0; over--) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (column.shrinkTo === undefined || result[index]! <= column.shrinkTo) continue;
      if (widest < 0 || result[index]! > result[widest]!) widest = index;
    }
    if (widest < 0) break;
    result[widest]!--;
  }
  return result;
}

import { expect, it } from 'vitest';
import { createFigures } from './figures.ts';
import { createStyle } from './style.ts';
import { tableLines, type Column } from './table.ts';

interface Row {
  readonly name: string;
  readonly count: number;
}
const columns: Column<Row>[] = [
  { title: 'NAME', text: (row) => row.name, shrinkTo: 4 },
  { title: 'COUNT', align: 'right', text: (row) => String(row.count) },
  { title: 'CHART', drawn: true, text: () => '▁▂▃' },
  { title: 'MORE', wide: true, text: () => 'x' },
];
const rows = [
  { name: 'a-long-name', count: 5 },
  { name: 'b', count: 1234 },
];
const options = {
  style: createStyle(false),
  figures: createFigures({ machine: true, unicode: true, nowMs: 0 }),
  wide: false,
  header: true,
  drawn: true,
  width: 80,
};

it('aligns columns under their titles', () => {
  expect(tableLines(rows, columns, options)).toEqual([
    'NAME         COUNT  CHART',
    'a-long-name      5  ▁▂▃',
    'b             1234  ▁▂▃',
  ]);
});

it('gives up drawings first on a narrow terminal, then shortens what may be shortened', () => {
  expect(tableLines(rows, columns, { ...options, width: 20 })).toEqual([
    'NAME         COUNT',
    'a-long-name      5',
    'b             1234',
  ]);
  expect(tableLines(rows, columns, { ...options, width: 14 })).toEqual([
    'NAME     COUNT',
    'a-long…      5',
    'b         1234',
  ]);
});

it('is plain in a pipe: no header, nothing cut', () => {
  const plain = { ...options, header: false, drawn: false, width: undefined };
  expect(tableLines(rows, columns, plain)).toEqual(['a-long-name     5', 'b            1234']);
  expect(tableLines([], columns, options)).toEqual([]);
});

it('has the wide columns only when asked', () => {
  expect(tableLines(rows, columns, { ...options, wide: true })[0]).toBe(
    'NAME         COUNT  CHART  MORE',
  );
});

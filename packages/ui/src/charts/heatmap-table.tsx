import type { LatencyHeatmap } from '@clover/model';
import { Table, type Column } from '../components/table.tsx';
import { duration } from '../format/duration.ts';
import { compact, exact } from '../format/number.ts';
import { clock, full } from '../format/time.ts';
import { type Brush, brushOf, countedCells, type CountedCell } from './heatmap-cells.ts';

interface HeatmapTableProps {
  readonly label: string;
  readonly data: LatencyHeatmap;
  readonly brushTo: (brush: Brush) => string;
}

const COLUMNS: readonly Column<CountedCell>[] = [
  {
    key: 'time',
    title: 'From',
    text: (one) => String(one.timeMs),
    cell: (one) => <span title={full(one.timeMs)}>{clock(one.timeMs)}</span>,
  },
  {
    key: 'duration',
    title: 'Duration',
    number: (one) => one.fromNs,
    cell: (one) => `${duration(one.fromNs)} – ${duration(one.toNs)}`,
  },
  {
    key: 'count',
    title: 'Requests',
    number: (one) => one.count,
    cell: (one) => <span title={exact(one.count)}>{compact(one.count)}</span>,
  },
  {
    key: 'errors',
    title: 'Failed',
    number: (one) => one.errors,
    cell: (one) => compact(one.errors),
  },
];

/** A heatmap's cells as rows; each leads to what a brush over it would. */
export function HeatmapTable({ label, data, brushTo }: HeatmapTableProps) {
  return (
    <Table
      label={label}
      columns={COLUMNS}
      rows={countedCells(data)}
      rowKey={({ cell }) => `${cell.column} ${cell.row}`}
      sortKey="cells"
      maxHeight={360}
      searched
      rowTo={({ cell }) => brushTo(brushOf(data, cell, cell)!)}
    />
  );
}

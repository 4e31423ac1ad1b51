// Columns that several tables have.
import type { Latency, Red } from '@clover/model';
import type { Column } from './table.ts';
import { shortenService } from './text.ts';
import type { Paint, Style } from './style.ts';

export const serviceColumn = <Row>(title: string, of: (row: Row) => string): Column<Row> => ({
  title,
  text: (row) => of(row) || '-',
  paint: (row, style) => style.service(of(row)),
  shrinkTo: 12,
  shorten: shortenService,
});

export const textColumn = <Row>(
  title: string,
  of: (row: Row) => string,
  more: Partial<Column<Row>> = {},
): Column<Row> => ({ title, text: (row) => of(row) || '-', shrinkTo: 10, ...more });

export const countColumn = <Row>(
  title: string,
  of: (row: Row) => number,
  more: Partial<Column<Row>> = {},
): Column<Row> => ({
  title,
  align: 'right',
  text: (row, figures) => figures.count(of(row)),
  ...more,
});

/** Errors draw the eye by how many they are. */
export function paintRatio(ratio: number, style: Style): Paint {
  if (ratio === 0) return style.dim;
  return ratio >= 0.05 ? style.red : style.yellow;
}

export const errorColumn = <Row>(of: (row: Row) => number): Column<Row> => ({
  title: 'ERRORS',
  align: 'right',
  text: (row, figures) => figures.ratio(of(row)),
  paint: (row, style) => paintRatio(of(row), style),
});

type LatencyKey = keyof Latency;
export const latencyColumn = <Row>(
  title: string,
  key: LatencyKey,
  of: (row: Row) => Latency | null,
  more: Partial<Column<Row>> = {},
): Column<Row> => ({
  title,
  align: 'right',
  text: (row, figures) => figures.duration(of(row)?.[key]),
  ...more,
});

/** Rate, errors, duration. */
export function redColumns<Row extends Red>(): Column<Row>[] {
  return [
    countColumn('REQUESTS', (row) => row.requests),
    { title: 'RATE', align: 'right', text: (row, figures) => figures.rate(row.ratePerSecond) },
    errorColumn((row) => row.errorRatio),
    ...latencyColumns<Row>((row) => row.latency),
  ];
}

export function latencyColumns<Row>(of: (row: Row) => Latency | null): Column<Row>[] {
  return [
    latencyColumn('MIN', 'minNs', of, { wide: true }),
    latencyColumn('AVG', 'avgNs', of, { wide: true }),
    latencyColumn('P50', 'p50Ns', of),
    latencyColumn('P90', 'p90Ns', of, { wide: true }),
    latencyColumn('P95', 'p95Ns', of),
    latencyColumn('P99', 'p99Ns', of),
    latencyColumn('MAX', 'maxNs', of, { wide: true }),
  ];
}

// Requests counted by one or two keys: one table for all groupings.
import type { CountRow, CountsAnswer } from '@clover/model';
import type { z } from 'zod';
import type { Command, Flag } from '../../command.ts';
import type { Context } from '../../context.ts';
import { listCommand } from '../../list-command.ts';
import { countColumn, errorColumn, latencyColumn } from '../../output/columns.ts';
import type { Column } from '../../output/table.ts';
import type { View } from '../../output/show.ts';
import { oneOf } from '../../one-of.ts';

type Row = z.infer<typeof CountRow>;

export const SIDES = ['server', 'client', 'all'] as const;
export const sideFlag: Flag = {
  name: 'side',
  value: 'SIDE',
  choices: SIDES,
  says: 'spans of the server side (default), of the client side, or all',
};

/** `by` is the grouping, and another one for `-o wide`. */
export function countsCommand(
  words: Pick<Command, 'path' | 'aliases' | 'summary' | 'text' | 'examples'> & {
    readonly flags?: readonly Flag[];
    readonly by: (context: Context) => string;
  },
): Command {
  const { by, flags = [], ...rest } = words;
  return listCommand<CountsAnswer>({
    ...rest,
    serverLimit: 50,
    flags: [...flags, sideFlag],
    ask: (context, scope) =>
      context.client.counts(
        {
          ...scope,
          by: by(context),
          side: oneOf(SIDES, 'side', context.text('side')),
          limit: context.whole('limit'),
        },
        context.call,
      ),
    view: (context) => countsView(by(context).split(',')),
  });
}

function countsView(keys: readonly string[]): Omit<View<CountsAnswer, Row>, 'rows'> {
  return {
    name: (row) => row.values.join(' '),
    empty: 'no requests with this in the time range',
    columns: [
      ...keys.map(keyColumn),
      countColumn('REQUESTS', (row: Row) => row.count),
      { title: 'SHARE', align: 'right', text: (row, figures) => figures.ratio(row.ratio) },
      { title: '', drawn: true, text: (row) => bar(row.ratio), paint: (_, style) => style.cyan },
      errorColumn((row) => (row.count === 0 ? 0 : row.errors / row.count)),
      latencyColumn('AVG', 'avgNs', (row) => row.latency, { wide: true }),
      latencyColumn('P50', 'p50Ns', (row) => row.latency),
      latencyColumn('P95', 'p95Ns', (row) => row.latency),
      latencyColumn('P99', 'p99Ns', (row) => row.latency, { wide: true }),
      latencyColumn('MAX', 'maxNs', (row) => row.latency, { wide: true }),
    ],
  };
}

function keyColumn(key: string, index: number): Column<Row> {
  return {
    title: key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toUpperCase(),
    text: (row) => row.values[index] || '(none)',
    shrinkTo: 14,
    paint: (row, style) => {
      const value = row.values[index] ?? '';
      if (value === '') return style.dim;
      if (key === 'service') return style.service(value);
      if (key !== 'statusCode') return undefined;
      if (value.startsWith('5')) return style.red;
      return value.startsWith('4') ? style.yellow : style.green;
    },
  };
}

/** Up to ten cells, in eighths. */
function bar(ratio: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, ratio)) * 80);
  const rest = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (rest === 0 ? '' : '▏▎▍▌▋▊▉'[rest - 1]!);
}

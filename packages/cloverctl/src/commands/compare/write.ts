import type { CompareAnswer } from '@clover/model';
import type { Context } from '../../context.ts';
import {
  errorColumn,
  serviceColumn,
  textColumn,
  countColumn,
  latencyColumns,
} from '../../output/columns.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { REPORT, showTable } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { explanationColumns, formatP } from '../errors/explain.ts';

type Change = CompareAnswer['changes'][number];

/** Sides, then changes, then edges, then attributes: the most telling first. */
export function writeComparison(context: Context, answer: CompareAnswer): void {
  const { io, style } = context;
  const heading = (text: string) => io.stdout.write(`\n${style.bold(text)}\n`);
  const most = context.output === 'wide' ? Infinity : 12;
  showTable(
    context,
    [
      { name: 'A', ...answer.a },
      { name: 'B', ...answer.b },
    ],
    [
      { title: 'SIDE', text: (row) => row.name, paint: (_, paint) => paint.bold },
      textColumn('IS', (row) => row.label, { shrinkTo: 16 }),
      countColumn('REQUESTS', (row) => row.red.requests),
      {
        title: 'RATE',
        align: 'right',
        text: (row, figures) => figures.rate(row.red.ratePerSecond),
      },
      errorColumn((row) => row.red.errorRatio),
      ...latencyColumns<{ red: CompareAnswer['a']['red'] }>((row) => row.red.latency),
    ],
    REPORT,
  );
  const significant = answer.changes.filter((change) => change.significant);
  const empty = [answer.a, answer.b].some((side) => side.spans === 0);
  heading(
    empty
      ? 'Changed: cannot say, a side has no requests'
      : significant.length > 0
        ? 'Changed'
        : 'Changed: nothing significantly',
  );
  const changes = context.output === 'wide' ? answer.changes : significant;
  showTable(context, changes.slice(0, most), changeColumns, REPORT);
  writeEdges(context, 'New edges', answer.newEdges, heading);
  writeEdges(context, 'Vanished edges', answer.vanishedEdges, heading);
  if (answer.explains.length > 0) {
    heading('What sets B apart');
    showTable(context, answer.explains.slice(0, most), explanationColumns('A', 'B'), REPORT);
  }
  for (const note of answer.notes)
    context.note(`${context.errorStyle.yellow('note')}: ${harmless(note)}`);
  noteMeta(context, answer.a.meta, { label: 'A' });
  noteMeta(context, answer.b.meta, { label: 'B' });
}

function writeEdges(
  context: Context,
  title: string,
  edges: CompareAnswer['newEdges'],
  heading: (text: string) => void,
): void {
  if (edges.length === 0) return;
  heading(title);
  showTable(
    context,
    edges,
    [
      serviceColumn('FROM', (row) => row.from),
      serviceColumn('TO', (row) => row.to),
      countColumn('REQUESTS', (row) => row.requests),
    ],
    REPORT,
  );
}

const changeColumns = [
  serviceColumn<Change>('SERVICE', (row) => row.service),
  textColumn<Change>('OPERATION', (row) => row.operation || '(all)', { shrinkTo: 8 }),
  { title: 'WHAT', text: (row: Change) => row.kind },
  {
    title: 'A',
    align: 'right' as const,
    text: (row: Change, figures: Context['figures']) => valueOf(row, row.a, figures),
  },
  {
    title: 'B',
    align: 'right' as const,
    text: (row: Change, figures: Context['figures']) => valueOf(row, row.b, figures),
  },
  {
    title: 'CHANGE',
    align: 'right' as const,
    text: (row: Change) => effectOf(row),
    paint: (row: Change, style: Context['style']) =>
      !row.significant || row.kind === 'rate'
        ? undefined
        : row.effect > 0
          ? style.red
          : style.green,
  },
  { title: 'P', align: 'right' as const, text: (row: Change) => formatP(row.pValue) },
];

function valueOf(change: Change, value: number, figures: Context['figures']): string {
  if (change.kind === 'latency') return figures.duration(value);
  return change.kind === 'errors' ? figures.ratio(value) : figures.rate(value);
}

/** `+38 %`, or for errors the difference in percentage points. */
function effectOf({ kind, effect }: Change): string {
  const percent = Number((effect * 100).toPrecision(3));
  return `${percent > 0 ? '+' : ''}${percent} ${kind === 'errors' ? 'pp' : '%'}`;
}

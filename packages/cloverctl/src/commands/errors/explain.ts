import type { ExplainAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { limitFlag, outputFlag, scopeFlags } from '../../flags.ts';
import { textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';

type Row = ExplainAnswer['items'][number];

const explain = (
  what: 'errors' | 'slow',
  words: Pick<Command, 'summary' | 'text' | 'examples'> & { flags?: Command['flags'] },
): Command => ({
  path: `explain ${what}`,
  ...words,
  flags: [outputFlag, ...(words.flags ?? []), ...scopeFlags, limitFlag('20')],
  run: async (context) => {
    const { client, call, text } = context;
    const answer = await client.explain(
      {
        ...context.scope(),
        what,
        minDuration: what === 'slow' ? text('min-duration') : undefined,
        maxDuration: what === 'slow' ? text('max-duration') : undefined,
      },
      call,
    );
    await showExplanations(context, answer, what);
  },
});

export const explainErrors = explain('errors', {
  summary: 'What the failed requests have in common',
  text: 'Attribute values that are over- or under-represented among the failed spans, against all others in scope, strongest first. TIMES says how much more often a value stands among the failed; P is the chance of seeing such a difference by accident.',
  examples: [
    { says: 'of everything', line: 'explain errors' },
    {
      says: 'of one service in the last hour',
      line: 'explain errors --since 1h --service http-lb',
    },
  ],
});

export const explainSlow = explain('slow', {
  summary: 'What the slow requests have in common',
  text: 'As explain errors, for the spans that took at least --min-duration, by default the 95th percentile of the scope.',
  examples: [
    { says: 'of one service', line: 'explain slow --service http-lb' },
    { says: 'slower than 250 ms', line: 'explain slow --min-duration 250ms' },
  ],
  flags: [
    { name: 'min-duration', value: 'DURATION', says: 'slow is at least so long (default p95)' },
    { name: 'max-duration', value: 'DURATION', says: 'and at most so long' },
  ],
});

async function showExplanations(
  context: Context,
  answer: ExplainAnswer,
  what: 'errors' | 'slow',
): Promise<void> {
  const { figures } = context;
  const total = answer.items.length;
  const limit = context.whole('limit') ?? 20;
  const plain = context.output === 'json' || context.output === 'yaml';
  const shown =
    plain || total <= limit
      ? answer
      : {
          ...answer,
          items: answer.items.slice(0, limit),
          meta: { ...answer.meta, cut: { shown: limit, total } },
        };
  const label = what === 'errors' ? 'FAILED' : 'SLOW';
  await show<ExplainAnswer, Row>(context, shown, {
    rows: ({ items }) => items,
    name: (row) => `${row.key}=${row.value}`,
    empty:
      answer.selected === 0
        ? what === 'errors'
          ? 'nothing failed in this time range'
          : 'nothing was slow in this time range'
        : 'nothing sets them apart',
    notes: ({ selected, rest, thresholdNs }) => [
      `${figures.count(selected)} ${what === 'errors' ? 'failed' : `took ${figures.duration(thresholdNs)} or longer`}, ${figures.count(rest)} others`,
    ],
    columns: explanationColumns('OTHERS', label),
  });
}

/** Shares of an attribute value on two sides. */
export function explanationColumns(a: string, b: string) {
  return [
    textColumn<Row>('ATTRIBUTE', (row) => row.key, { shrinkTo: 12 }),
    textColumn<Row>('VALUE', (row) => row.value, { shrinkTo: 12 }),
    textColumn<Row>('SAME SPANS', (row) => row.also.map(({ key }) => key).join(' '), {
      shrinkTo: 10,
    }),
    {
      title: b,
      align: 'right' as const,
      text: (row: Row, figures: Context['figures']) => figures.ratio(row.bRatio),
    },
    {
      title: a,
      align: 'right' as const,
      text: (row: Row, figures: Context['figures']) => figures.ratio(row.aRatio),
    },
    {
      title: 'TIMES',
      align: 'right' as const,
      text: (row: Row) => (row.lift >= 1e9 ? 'only here' : `${Number(row.lift.toPrecision(3))}×`),
      paint: (row: Row, style: Context['style']) =>
        row.lift >= 1.5 ? style.red : row.lift <= 0.67 ? style.green : undefined,
    },
    { title: 'P', align: 'right' as const, text: (row: Row) => formatP(row.pValue) },
  ];
}

/** `<0.001`, `0.034` */
export function formatP(p: number): string {
  return p < 0.001 ? '<0.001' : String(Number(p.toPrecision(2)));
}

import type { MetricNamesAnswer, MetricSeriesAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { oneOf } from '../../one-of.ts';
import { textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import { cutAt } from '../../cut-at.ts';
import { repeat } from '../../watch.ts';
import { showTracked } from './tracked.ts';

const VIEWS = ['value', 'rate'] as const;

export const getMetrics: Command = {
  path: 'get metrics',
  aliases: ['metric'],
  summary: 'Tracked metrics, all names, or the series of one',
  text: 'Without a name: the tracked metrics with their latest value; `--all` lists every name that came. With a name: its series, by label set; `--view rate` turns counters into increases per second.',
  examples: [
    { says: 'tracked metrics', line: 'get metrics' },
    { says: 'names with "upstream" in them', line: 'get metrics --all --match upstream' },
    {
      says: 'a counter as a rate',
      line: 'get metrics istio_requests_total --view rate --label reporter=source',
    },
  ],
  arguments: [{ name: 'NAME', optional: true, says: 'a metric', completes: 'metric' }],
  flags: [
    outputFlag,
    { name: 'all', says: 'every name that came, not only tracked ones' },
    { name: 'match', value: 'TEXT', says: 'with --all: only names that contain this' },
    {
      name: 'label',
      value: 'K=V',
      many: true,
      says: 'of a series: k=v or k=~regex, may be repeated',
    },
    { name: 'view', value: 'VIEW', choices: VIEWS, says: 'of a series: value (default) or rate' },
    ...scopeFlags,
    limitFlag('500 names, 20 series'),
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const { client, call, args } = round;
      const scope = round.scope();
      if (args[0] !== undefined) await showSeries(round, args[0]);
      else if (round.on('all') || round.text('match') !== undefined)
        await showNames(
          round,
          await client.metricNames(
            { ...scope, match: round.text('match'), limit: round.whole('limit') },
            call,
          ),
        );
      else
        await showTracked(
          round,
          cutAt(await client.trackedMetrics(scope, call), round.whole('limit')),
        );
      return 0;
    }),
};

function showNames(context: Context, answer: MetricNamesAnswer): Promise<void> {
  return show<MetricNamesAnswer, MetricNamesAnswer['items'][number]>(context, answer, {
    rows: ({ items }) => items,
    name: (row) => row.name,
    empty: 'no metrics in this time range',
    columns: [
      textColumn('METRIC', (row) => row.name, { shrinkTo: 24 }),
      textColumn('TYPE', (row) => row.type),
      textColumn('UNIT', (row) => row.unit),
      { title: 'SERIES', align: 'right', text: (row) => String(row.series) },
      { title: 'LAST SEEN', text: (row, figures) => figures.time(row.lastSeen) },
      textColumn('HELP', (row) => row.help, { shrinkTo: 12 }),
    ],
  });
}

async function showSeries(context: Context, name: string): Promise<void> {
  const answer = await context.client.metricSeries(
    {
      ...context.scope(),
      name,
      label: context.list('label').length > 0 ? [...context.list('label')] : undefined,
      view: oneOf(VIEWS, 'view', context.text('view')),
      limit: context.whole('limit'),
      step: undefined,
    },
    context.call,
  );
  const rate = context.text('view') === 'rate' ? '/s' : '';
  await show<MetricSeriesAnswer, MetricSeriesAnswer['series'][number]>(context, answer, {
    rows: ({ series }) => series,
    name: (row) => labelsOf(row.labels),
    empty: `no series of ${name} in this time range; \`get metrics --all\` lists the names`,
    columns: [
      textColumn('LABELS', (row) => labelsOf(row.labels) || '(none)', { shrinkTo: 20 }),
      {
        title: 'LATEST',
        align: 'right',
        text: (row, figures) => (row.latest === null ? '-' : `${figures.count(row.latest)}${rate}`),
      },
      {
        title: 'OVER TIME',
        drawn: true,
        text: (row, figures) => figures.spark(row.values, 30),
        paint: (_, style) => style.cyan,
      },
    ],
  });
}

const labelsOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

import type { ServicesAnswer, ServiceSummary, VisibilityStatus } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { serviceColumn } from '../../output/columns.ts';
import { factLines, type Fact } from '../../output/facts.ts';
import { show, showObject } from '../../output/show.ts';
import { cutAt } from '../../cut-at.ts';
import { repeat } from '../../watch.ts';
import { showTracked } from '../metrics/tracked.ts';
import { showStats } from './stats.ts';

export const getVisibility: Command = {
  path: 'get visibility',
  aliases: ['vis'],
  summary: 'State of visibility; services, metrics, statistics',
  text: 'Without a noun: whether Clover pulls, from where, how complete that is, and what is tracked. `services`: those found, and which are tracked. `metrics`: the names tracked, made of prefix, service and suffix. `stats`: the figures that the original showed: system counts, response times, distinct URLs, user agents and status codes.',
  examples: [
    { says: 'is the pull running?', line: 'get visibility' },
    { says: 'the statistics of the last hour', line: 'get visibility stats --since 1h' },
  ],
  arguments: [
    {
      name: 'WHAT',
      optional: true,
      choices: ['services', 'metrics', 'stats'],
      says: 'a part of it',
    },
  ],
  flags: [outputFlag, ...scopeFlags, limitFlag('all'), ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const [what] = round.args;
      if (what === 'services') await services(round);
      else if (what === 'metrics') await metrics(round);
      else if (what === 'stats') await showStats(round);
      else await showStatus(round, await round.client.visibility({}, round.call));
      return 0;
    }),
};

/** The state, as every verb of visibility shows it. */
export async function showStatus(context: Context, status: VisibilityStatus): Promise<void> {
  if (context.output === 'json' || context.output === 'yaml') return showObject(context, status);
  const { figures, style } = context;
  const source = (name: string, pull: VisibilityStatus['jaeger']): Fact => ({
    name,
    text: [
      pull.state,
      ...(pull.url === null ? [] : [pull.url]),
      ...(pull.completeness === null ? [] : [`${figures.ratio(pull.completeness)} complete`]),
      ...(pull.state === 'down' ? [pull.detail] : []),
    ].join(', '),
    paint: pull.state === 'up' ? style.green : pull.state === 'down' ? style.red : style.dim,
  });
  const tracked = status.services.length === 0 ? 'all' : status.services.join(', ');
  const facts: Fact[] = [
    {
      name: 'pull',
      text: status.running ? `running, every ${status.sampleIntervalSeconds} s` : 'stopped',
      paint: status.running ? style.green : style.dim,
    },
    source('jaeger', status.jaeger),
    source('prometheus', status.prometheus),
    { name: 'started', text: figures.time(status.startedAt) },
    { name: 'services', text: tracked },
    { name: 'prefixes', text: status.prefixes.join(', ') || '-' },
    { name: 'suffixes', text: status.suffixes.join(', ') || '-' },
    { name: 'custom metrics', text: status.customMetrics.join(', ') || '-' },
  ];
  for (const line of factLines(facts, context)) context.io.stdout.write(`${line}\n`);
}

async function services(context: Context): Promise<void> {
  const answer = cutAt(
    await context.client.services(context.scope(), context.call),
    context.whole('limit'),
  );
  await show<ServicesAnswer, ServiceSummary>(context, answer, {
    rows: ({ items }) => items,
    name: (row) => row.service,
    empty: 'no services in this time range',
    columns: [
      serviceColumn('SERVICE', (row) => row.service),
      {
        title: 'TRACKED',
        text: (row) => (row.tracked ? 'yes' : 'no'),
        paint: (row, style) => (row.tracked ? style.green : style.dim),
      },
      { title: 'SPANS', align: 'right', text: (row, figures) => figures.count(row.spans) },
      { title: 'LAST SEEN', text: (row, figures) => figures.time(row.lastSeen) },
    ],
  });
}

async function metrics(context: Context): Promise<void> {
  const answer = await context.client.trackedMetrics(context.scope(), context.call);
  await showTracked(context, cutAt(answer, context.whole('limit')));
}

// The original's statistics on one screen.
import type { DistinctAnswer, ResponseTimesAnswer, SystemCounts } from '@clover/model';
import type { Context } from '../../context.ts';
import { countColumn, errorColumn, latencyColumn, serviceColumn } from '../../output/columns.ts';
import { factLines } from '../../output/facts.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { REPORT, showObject, showTable } from '../../output/show.ts';

export async function showStats(context: Context): Promise<void> {
  const { client, call } = context;
  const scope = context.scope();
  const system = await client.system(scope, call);
  // The same window for all three, though time goes on.
  const same = { ...scope, since: undefined, start: system.meta.start, end: system.meta.end };
  const [responseTimes, distinct] = await Promise.all([
    client.responseTimes({ ...same, by: 'service' }, call),
    client.distinct(same, call),
  ]);
  if (context.output === 'json' || context.output === 'yaml')
    return showObject(context, { system, responseTimes, distinct });
  writeSystem(context, system);
  writeResponseTimes(context, responseTimes);
  writeDistinct(context, distinct);
  noteMeta(context, distinct.meta);
}

function heading(context: Context, text: string): void {
  context.io.stdout.write(`\n${context.style.bold(text)}\n`);
}

function writeSystem(context: Context, system: SystemCounts): void {
  const { figures } = context;
  const facts = [
    { name: 'traces', text: figures.count(system.traces) },
    { name: 'spans', text: figures.count(system.spans) },
    {
      name: 'metric points',
      text: `${figures.count(system.metricPoints)} of ${figures.count(system.metricSeries)} series`,
    },
    {
      name: 'services',
      text: `${system.servicesDiscovered} discovered, ${system.servicesTracked} tracked`,
    },
    {
      name: 'stored',
      text: `${figures.count(system.storedSpans)} spans, ${figures.bytes(system.bytesOnDisk)} on disk`,
    },
  ];
  if (system.duplicates > 0)
    facts.push({ name: 'duplicates', text: `${figures.count(system.duplicates)}, counted once` });
  context.io.stdout.write(`${context.style.bold('System')}\n`);
  for (const line of factLines(facts, context)) context.io.stdout.write(`${line}\n`);
}

function writeResponseTimes(context: Context, answer: ResponseTimesAnswer): void {
  if (answer.items.length === 0) return;
  heading(context, 'Response times');
  showTable(
    context,
    answer.items,
    [
      serviceColumn('SERVICE', (row) => row.service),
      countColumn('REQUESTS', (row) => row.requests),
      errorColumn((row) => row.errorRatio),
      latencyColumn('MIN', 'minNs', (row) => row.latency),
      latencyColumn('AVG', 'avgNs', (row) => row.latency),
      latencyColumn('P95', 'p95Ns', (row) => row.latency),
      latencyColumn('MAX', 'maxNs', (row) => row.latency),
    ],
    REPORT,
  );
}

function writeDistinct(context: Context, answer: DistinctAnswer): void {
  const most = context.output === 'wide' ? Infinity : 5;
  const lists: [string, DistinctAnswer['urls']][] = [
    ['URLs', answer.urls],
    ['User agents', answer.userAgents],
    ['Status codes', answer.statusCodes],
    ['Operations', answer.operations],
    ['Nodes', answer.nodes],
    ['Upstream clusters', answer.upstreamClusters],
  ];
  for (const [title, list] of lists) {
    if (list.total === 0) continue;
    const shown = list.values.slice(0, most);
    const more = list.total > shown.length ? `, the first ${shown.length}` : '';
    heading(context, `${title} (${list.total}${more})`);
    showTable(
      context,
      shown,
      [
        countColumn('REQUESTS', (row) => row.count),
        { title: 'VALUE', text: (row) => row.value, shrinkTo: 20 },
      ],
      REPORT,
    );
  }
}

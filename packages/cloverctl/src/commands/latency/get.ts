import type { LatencyHeatmap, LatencyHistogram } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { heatmapLines } from '../../draw/heatmap.ts';
import { outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { oneOf } from '../../one-of.ts';
import { countColumn, errorColumn } from '../../output/columns.ts';
import { factLines, type Fact } from '../../output/facts.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { showObject, showTable } from '../../output/show.ts';
import { repeat } from '../../watch.ts';
import { sideFlag, SIDES } from '../counts/counts.ts';

type Bucket = LatencyHistogram['buckets'][number];

const PERCENTILES = [
  ['p50', 'p50Ns'],
  ['p90', 'p90Ns'],
  ['p95', 'p95Ns'],
  ['p99', 'p99Ns'],
  ['max', 'maxNs'],
] as const;
const BAR = 40;

export const getLatency: Command = {
  path: 'get latency',
  summary: 'How long requests took: histogram and heatmap',
  text: 'Percentiles and a histogram of the durations of a service’s requests, on a terminal with a heatmap over time under it: slow on top, darker where there were more, red where many failed. -o json has both with every cell.',
  examples: [
    { says: 'of one service', line: 'get latency http-lb' },
    {
      says: 'of one operation, by its callers',
      line: 'get latency http-lb --operation "GET /test" --side client',
    },
    { says: 'of all requests of the last hour', line: 'get latency --since 1h' },
  ],
  arguments: [{ name: 'SERVICE', optional: true, says: 'only this service', completes: 'service' }],
  flags: [
    outputFlag,
    { name: 'operation', value: 'NAME', says: 'only spans of this name', completes: 'operation' },
    sideFlag,
    ...scopeFlags,
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const { client, call, text, args } = round;
      const scope = round.scope();
      const asked = {
        ...scope,
        service: args[0] ?? scope.service,
        operation: text('operation'),
        side: oneOf(SIDES, 'side', text('side')),
      };
      const histogram = await client.latencyHistogram(asked, call);
      // The same window, though time goes on.
      const heatmap = await client.latencyHeatmap(
        {
          ...asked,
          since: undefined,
          start: histogram.meta.start,
          end: histogram.meta.end,
          columns: Math.min(400, Math.max(20, round.width - 10)),
        },
        call,
      );
      if (round.output === 'json' || round.output === 'yaml')
        await showObject(round, { histogram, heatmap });
      else write(round, histogram, heatmap);
      return 0;
    }),
};

function write(context: Context, histogram: LatencyHistogram, heatmap: LatencyHeatmap): void {
  const { io, figures, style } = context;
  const { latency, buckets } = histogram;
  if (context.output === 'name') {
    for (const one of buckets) io.stdout.write(`${figures.duration(one.toNs)}\n`);
    return;
  }
  if (latency === null) {
    context.note('no requests in this time range');
  } else {
    const facts = PERCENTILES.map(([name, key]): Fact => ({
      name,
      text: figures.duration(latency[key]),
    }));
    for (const line of factLines(facts, context)) io.stdout.write(`${line}\n`);
    io.stdout.write('\n');
    showHistogram(context, buckets);
    if (context.terminal) {
      const lines = heatmapLines(heatmap, { style, figures, width: context.width });
      io.stdout.write(`\n${lines.map((line) => `${line}\n`).join('')}`);
    }
  }
  noteMeta(context, histogram.meta);
}

function showHistogram(context: Context, buckets: readonly Bucket[]): void {
  const top = Math.max(...buckets.map((one) => one.count));
  showTable(context, buckets, [
    { title: 'UP TO', align: 'right', text: (row, figures) => figures.duration(row.toNs) },
    countColumn('REQUESTS', (row) => row.count),
    {
      title: '',
      drawn: true,
      text: (row) =>
        '█'.repeat(row.count > 0 ? Math.max(1, Math.round((row.count / top) * BAR)) : 0),
      paint: (row, style) =>
        row.errors * 10 >= row.count && row.errors > 0 ? style.red : style.cyan,
    },
    errorColumn((row) => (row.count > 0 ? row.errors / row.count : 0)),
  ]);
}

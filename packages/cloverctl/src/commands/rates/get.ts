import type { RatesAnswer, RateSeries } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { oneOf } from '../../one-of.ts';
import { paintRatio, textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import type { Column } from '../../output/table.ts';
import { repeat } from '../../watch.ts';
import { sideFlag, SIDES } from '../counts/counts.ts';
import { meanRate, peakOf } from './means.ts';

const GROUPINGS = [
  'service',
  'edge',
  'url',
  'statusClass',
  'version',
  'operation',
  'none',
] as const;

export const getRates: Command = {
  path: 'get rates',
  aliases: ['rate'],
  summary: 'Requests, errors and responses per second over time',
  text: 'Requests that started, answers and requests under way per second over the range, a row for each service, edge, URL, status class, version or operation; further ones are summed as "rest". RATE is the mean, PEAK the greatest whole step: those cut by the range or younger than five seconds are left out of it and of the lines. -o json has every step with its percentiles.',
  examples: [
    { says: 'per service', line: 'get rates' },
    {
      says: 'who calls whom, in steps of a minute',
      line: 'get rates --by edge --step 1m --since 1h',
    },
    { says: 'status classes of one service', line: 'get rates --by statusClass --service http-lb' },
  ],
  flags: [
    outputFlag,
    {
      name: 'by',
      value: 'WHAT',
      choices: GROUPINGS,
      says: `a row for each ${GROUPINGS.slice(0, -1).join(', ')}, or none: one for all (default service)`,
    },
    {
      name: 'step',
      value: 'DURATION',
      type: 'duration',
      says: 'width of a step, whole seconds (default: about 120 steps)',
    },
    sideFlag,
    ...scopeFlags,
    limitFlag('8'),
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const { client, call, text } = round;
      const stepMs = round.durationMs('step');
      const by = oneOf(GROUPINGS, 'by', text('by')) ?? 'service';
      const answer = await client.rates(
        {
          ...round.scope(),
          by,
          side: oneOf(SIDES, 'side', text('side')),
          step: stepMs === undefined ? undefined : Math.max(1, Math.round(stepMs / 1000)),
          limit: round.whole('limit'),
        },
        call,
      );
      await show<RatesAnswer, RateSeries>(round, answer, {
        rows: ({ series }) => series.filter((one) => peakOf(one.requests) > 0),
        name: (row) => row.key || 'all',
        empty: 'no requests in this time range',
        columns: columns(by, answer),
      });
      return 0;
    }),
};

function columns(by: (typeof GROUPINGS)[number], answer: RatesAnswer): Column<RateSeries>[] {
  const mean = (values: RateSeries['requests']) => meanRate(values, answer);
  // A step that is cut, or still fills, has no peak and would seem to fall.
  const whole = (values: RateSeries['requests']) => wholeValues(values, answer);
  const peak = (values: RateSeries['requests']) => peakOf(whole(values));
  const ratio = (row: RateSeries) => {
    const rate = mean(row.requests);
    return rate > 0 ? mean(row.errors) / rate : 0;
  };
  const right = { align: 'right' } as const;
  return [
    textColumn(
      by === 'none' ? 'WHAT' : by.replace('statusClass', 'status class').toUpperCase(),
      (row) => row.key || 'all',
      {
        shrinkTo: 12,
        ...(by === 'service' && {
          paint: (row: RateSeries, style: Context['style']) => style.service(row.key),
        }),
      },
    ),
    { title: 'RATE', ...right, text: (row, figures) => figures.rate(mean(row.requests)) },
    { title: 'PEAK', ...right, text: (row, figures) => figures.rate(peak(row.requests)) },
    {
      title: 'REQUESTS OVER TIME',
      drawn: true,
      text: (row, figures) => figures.spark(whole(row.requests), 30),
      paint: (_, style) => style.cyan,
    },
    {
      title: 'ERRORS',
      ...right,
      text: (row, figures) => figures.ratio(ratio(row)),
      paint: (row, style) => paintRatio(ratio(row), style),
    },
    {
      title: '',
      drawn: true,
      text: (row, figures) => (peakOf(row.errors) > 0 ? figures.spark(whole(row.errors), 12) : ''),
      paint: (_, style) => style.red,
    },
    {
      title: 'ANSWERED',
      ...right,
      wide: true,
      text: (row, figures) => figures.rate(mean(row.responses)),
    },
    {
      title: 'IN FLIGHT',
      ...right,
      text: (row, figures) => figures.count(rounded(mean(row.inFlight))),
    },
    {
      title: 'MOST',
      ...right,
      wide: true,
      text: (row, figures) => figures.count(rounded(peak(row.inFlight))),
    },
    { title: 'WORST P95', ...right, text: (row, figures) => figures.duration(peak(row.p95Ns)) },
    {
      title: 'WORST P99',
      ...right,
      wide: true,
      text: (row, figures) => figures.duration(peak(row.p99Ns)),
    },
  ];
}

const rounded = (value: number) => Number(value.toPrecision(3));

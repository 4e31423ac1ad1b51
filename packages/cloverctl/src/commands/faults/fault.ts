// Fault switches: on with a time limit, off, and what is on.
import type { FaultsAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlag, watchFlags } from '../../flags.ts';
import { serviceColumn, textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import { repeat } from '../../watch.ts';
import { showChange } from '../resources/change-lines.ts';
import { namespaceFlag } from '../resources/names.ts';

const serviceFlag = {
  name: 'service',
  value: 'NAME',
  says: 'the service whose requests are meant: http-lb, or http-lb.default as spans name it',
  completes: 'service',
} as const;

export const injectFault: Command = {
  path: 'fault inject',
  summary: 'Make requests to a service fail or wait, for a while',
  text: 'Lays a fault over all rules that send requests to the service (a service without rules gets one), for a share of the requests, and takes it off by itself when the time is over, also when the controller was started again meanwhile. The resources stay as they were applied; the history shows both ends.',
  examples: [
    {
      says: 'a tenth fails for five minutes',
      line: 'fault inject --service http-lb --abort 503 --percent 10 --for 5m',
    },
    {
      says: 'half of them wait two seconds',
      line: 'fault inject --service clover-server1 --delay 2s --percent 50 --for 10m',
    },
  ],
  flags: [
    serviceFlag,
    { name: 'abort', value: 'STATUS', type: 'whole', says: 'answer with this status' },
    { name: 'delay', value: 'DURATION', type: 'duration', says: 'hold them for so long' },
    { name: 'percent', value: 'N', says: 'share of the requests (default 100)' },
    { name: 'for', value: 'DURATION', type: 'duration', says: 'until it ends by itself' },
    { name: 'reason', value: 'TEXT', says: 'kept in the history' },
    namespaceFlag,
    outputFlag,
  ],
  async run(context) {
    const service = target(context);
    const forText = context.text('for');
    if (forText === undefined)
      throw usageError('say for how long with --for', 'for example: --for 5m');
    const percentText = context.text('percent') ?? '100';
    const percent = Number(percentText);
    if (!(percent >= 0 && percent <= 100))
      throw usageError(`--percent takes a number from 0 to 100, not "${percentText}"`);
    const abortStatus = context.whole('abort');
    const delay = context.text('delay');
    if (abortStatus !== undefined && !(abortStatus >= 200 && abortStatus <= 599))
      throw usageError(`--abort takes a status from 200 to 599, not ${abortStatus}`);
    if (abortStatus === undefined && delay === undefined)
      throw usageError('say what happens with --abort or --delay', 'for example: --abort 503');
    const answer = await context.client.faultInject(
      {
        ...service,
        abortStatus,
        delay,
        percent,
        for: forText,
        reason: context.text('reason'),
      },
      context.call,
    );
    await showChange(context, answer);
    context.note(
      `it ends by itself after ${forText}, and before with: fault end --service ${service.service}`,
    );
  },
};

export const endFault: Command = {
  path: 'fault end',
  aliases: ['stop'],
  summary: 'Take a fault off before its time is over',
  text: 'Switches the fault of a service off; it takes effect at once.',
  examples: [
    { says: 'of one service', line: 'fault end --service http-lb' },
    { says: 'in another namespace', line: 'fault end --service http-lb -n shop' },
  ],
  flags: [serviceFlag, namespaceFlag, outputFlag],
  run: async (context) =>
    showChange(context, await context.client.faultEnd(target(context), context.call)),
};

export const getFaults: Command = {
  path: 'get faults',
  aliases: ['fault'],
  summary: 'Fault switches that are on',
  text: 'Faults that were switched on with a time limit, when each ends, and the rules that it changes. Faults in VirtualServices are not among them.',
  examples: [
    { says: 'all', line: 'get faults' },
    { says: 'until they end', line: 'get faults --watch' },
  ],
  flags: [outputFlag, ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.faults({}, round.call);
      await show<FaultsAnswer, FaultsAnswer['items'][number]>(round, answer, {
        rows: ({ items }) => items,
        name: (row) => row.id,
        empty: 'no fault is on',
        columns: [
          serviceColumn('SERVICE', (row) => row.service),
          textColumn('NAMESPACE', (row) => row.namespace, { wide: true }),
          textColumn('ABORT', (row) => (row.abortStatus === null ? '' : String(row.abortStatus))),
          textColumn('DELAY', (row) =>
            row.delayMs === null ? '' : round.figures.duration(row.delayMs * 1e6),
          ),
          {
            title: 'OF REQUESTS',
            align: 'right',
            text: (row, figures) => figures.ratio(row.percent / 100),
          },
          textColumn('ENDS', (row) => round.figures.time(row.endsAt)),
          textColumn('BY', (row) => row.author),
          textColumn('RULES', (row) => row.routes.join(', '), { shrinkTo: 12 }),
        ],
      });
      return 0;
    }),
};

function target(context: Context): { service: string; namespace: string } {
  const service = context.text('service');
  if (service === undefined)
    throw usageError('name the service with --service', 'for example: --service http-lb');
  return { service, namespace: context.text('namespace') ?? 'default' };
}

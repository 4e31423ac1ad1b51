import type { IdsAlertsAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import { repeat } from '../../watch.ts';

type Row = IdsAlertsAnswer['items'][number];

export const getAlerts: Command = {
  path: 'get alerts',
  aliases: ['alert'],
  summary: 'What the IDS has seen',
  text: 'Alerts of the IDS, newest first: the rule, who asked what, and the trace of the request, for `get trace`. Priority 1 is the gravest.',
  examples: [
    { says: 'of the last hour', line: 'get alerts --since 1h' },
    { says: 'of one rule', line: 'get alerts --sid 10000003' },
  ],
  flags: [
    outputFlag,
    { name: 'sid', value: 'N', type: 'whole', says: 'only of this rule' },
    ...scopeFlags.filter(({ name }) => ['since', 'start', 'end'].includes(name)),
    limitFlag('100'),
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const { start, end, since } = round.scope();
      const answer = await round.client.idsAlerts(
        { start, end, since, sid: round.whole('sid'), limit: round.whole('limit') },
        round.call,
      );
      await show<IdsAlertsAnswer, Row>(round, answer, {
        rows: ({ items }) => items,
        name: (row) => row.id,
        empty: 'no alerts in this time range',
        columns: [
          { title: 'TIME', text: (row, figures) => figures.time(row.time) },
          {
            title: 'PRIO',
            align: 'right',
            text: (row) => String(row.priority),
            paint: (row, style) => (row.priority === 1 ? style.red : style.dim),
          },
          { title: 'SID', align: 'right', text: (row) => String(row.sid) },
          textColumn('MESSAGE', (row) => row.msg, { shrinkTo: 20 }),
          textColumn('SOURCE', (row) => row.sourceAddress),
          textColumn('REQUEST', (row) => `${row.method} ${row.url}`, { shrinkTo: 16 }),
          textColumn('TRACE', (row) => row.traceId || '-'),
          textColumn('USER AGENT', (row) => row.userAgent, { wide: true }),
          textColumn('CLASS', (row) => row.classtype, { wide: true }),
        ],
      });
      return 0;
    }),
};

import type { ServicesAnswer } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import { listCommand } from '../../list-command.ts';
import { redColumns, serviceColumn, textColumn } from '../../output/columns.ts';

export const getServices = listCommand<ServicesAnswer>({
  path: 'get services',
  aliases: ['service', 'svc'],
  summary: 'Services with rate, errors and duration',
  text: 'Every service that sent spans in the time range, with the figures of its server side: what it answered, not what callers waited. Busiest first.',
  examples: [
    { says: 'the last 15 minutes', line: 'get services' },
    {
      says: 'only what http-lb v2 answered in the last hour',
      line: 'get services --since 1h --service http-lb --filter version=v2',
    },
  ],
  ask: ({ client, call }, scope) => client.services(scope, call),
  view: (_, answer) => ({
    name: (row) => row.service,
    empty:
      'no services in this time range; `import FILE` brings spans in, `get sources` says what comes',
    columns: [
      serviceColumn('SERVICE', (row) => row.service),
      textColumn('VERSIONS', (row) => row.versions.join(','), { shrinkTo: 5 }),
      ...redColumns(),
      {
        title: 'REQUESTS OVER TIME',
        drawn: true,
        text: (row, figures) => figures.spark(wholeValues(row.requestSeries, answer), 20),
        paint: (_, style) => style.cyan,
      },
      { title: 'NODES', align: 'right', wide: true, text: (row) => String(row.nodes) },
      {
        title: 'SPANS',
        align: 'right',
        wide: true,
        text: (row, figures) => figures.count(row.spans),
      },
      { title: 'TRACKED', wide: true, text: (row) => (row.tracked ? 'yes' : 'no') },
      { title: 'LAST SEEN', wide: true, text: (row, figures) => figures.time(row.lastSeen) },
    ],
  }),
});

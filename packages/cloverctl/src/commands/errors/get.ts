import type { ErrorsAnswer } from '@clover/model';
import { listCommand } from '../../list-command.ts';
import { countColumn, serviceColumn, textColumn } from '../../output/columns.ts';

export const getErrors = listCommand<ErrorsAnswer>({
  path: 'get errors',
  aliases: ['error'],
  summary: 'Errors by shape of message and origin',
  text: 'Failed requests grouped by their message (variable parts replaced) and by the deepest span that failed: where it arose, not where it was seen.',
  examples: [
    { says: 'of everything', line: 'get errors' },
    { says: 'with who was affected, and an example', line: 'get errors --since 1h -o wide' },
  ],
  ask: ({ client, call }, scope) => client.errors(scope, call),
  view: {
    name: (row) => `${row.service} ${row.operation}`,
    empty: 'no errors in this time range',
    columns: [
      countColumn('COUNT', (row) => row.count, { paint: (_, style) => style.red }),
      serviceColumn('ARISES IN', (row) => row.service),
      textColumn('OPERATION', (row) => row.operation),
      {
        title: 'STATUS',
        align: 'right',
        text: (row) => (row.httpStatusCode === 0 ? '-' : String(row.httpStatusCode)),
      },
      textColumn('TYPE', (row) => row.type, { wide: true }),
      textColumn('MESSAGE', (row) => row.shape, { shrinkTo: 20 }),
      countColumn('TRACES', (row) => row.traces, { wide: true }),
      textColumn('AFFECTED', (row) => row.affected.join(','), { wide: true }),
      { title: 'LAST SEEN', text: (row, figures) => figures.time(row.lastSeen) },
      textColumn('EXAMPLE TRACE', (row) => row.exampleTraceIds[0] ?? '', {
        wide: true,
        shrinkTo: 32,
      }),
    ],
  },
});

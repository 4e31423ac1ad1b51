import type { OperationsAnswer } from '@clover/model';
import { listCommand } from '../../list-command.ts';
import { redColumns, serviceColumn, textColumn } from '../../output/columns.ts';

export const getOperations = listCommand<OperationsAnswer>({
  path: 'get operations',
  aliases: ['operation', 'op', 'ops'],
  summary: 'Operations of the services',
  text: 'Rate, errors and duration of every operation (span name) in scope.',
  examples: [
    { says: 'of one service', line: 'get operations --service proxy-access-control' },
    { says: 'the ten busiest of the last hour', line: 'get operations --since 1h --limit 10' },
  ],
  ask: ({ client, call }, scope) => client.operations(scope, call),
  view: {
    name: (row) => `${row.service} ${row.operation}`,
    empty: 'no operations in this time range',
    columns: [
      serviceColumn('SERVICE', (row) => row.service),
      textColumn('OPERATION', (row) => row.operation, { shrinkTo: 16 }),
      textColumn('KIND', (row) => row.kind),
      ...redColumns(),
    ],
  },
});

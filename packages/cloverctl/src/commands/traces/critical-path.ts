import type { CriticalPathAnswer } from '@clover/model';
import { listCommand } from '../../list-command.ts';
import { countColumn, serviceColumn, textColumn } from '../../output/columns.ts';

export const getCriticalPath = listCommand<CriticalPathAnswer>({
  path: 'get critical-path',
  summary: 'Whose own time makes up the latency',
  text: 'Over many traces: how much of a front end’s latency is the own time of which service and operation. --service and --operation choose the front end.',
  examples: [
    { says: 'of the busiest front end', line: 'get critical-path' },
    {
      says: 'of one operation, over 10,000 traces',
      line: 'get critical-path --operation "GET /" --limit 10000',
    },
  ],
  serverLimit: 2000,
  flags: [
    { name: 'operation', value: 'NAME', says: 'the front end’s operation', completes: 'operation' },
  ],
  ask: ({ client, call, text, whole }, scope) =>
    client.criticalPath({ ...scope, operation: text('operation'), limit: whole('limit') }, call),
  view: {
    name: (row) => `${row.service} ${row.operation}`,
    empty: 'no traces in this time range',
    notes: ({ root, traces, avgDurationNs }, { figures }) =>
      traces === 0
        ? []
        : [
            `${root}: ${figures.duration(avgDurationNs)} on average over ${figures.count(traces)} traces`,
          ],
    columns: [
      serviceColumn('SERVICE', (row) => row.service),
      textColumn('OPERATION', (row) => row.operation),
      { title: 'PER TRACE', align: 'right', text: (row, figures) => figures.duration(row.avgNs) },
      { title: 'SHARE', align: 'right', text: (row, figures) => figures.ratio(row.ratio) },
      countColumn('TRACES', (row) => row.traces),
      { title: 'EXAMPLE', wide: true, text: (row) => row.exampleTraceId },
    ],
  },
});

import type { EdgesAnswer } from '@clover/model';
import { listCommand } from '../../list-command.ts';
import {
  countColumn,
  latencyColumn,
  redColumns,
  serviceColumn,
  textColumn,
} from '../../output/columns.ts';

export const getEdges = listCommand<EdgesAnswer>({
  path: 'get edges',
  aliases: ['edge'],
  summary: 'Who calls whom, an arrow a row',
  text: 'The arrows of the service graph with rate, errors and duration as the callee saw them; -o wide adds what the caller saw, subsets and versions.',
  examples: [
    { says: 'all arrows', line: 'get edges' },
    { says: 'those of one service', line: 'get edges --service http-lb -o wide' },
  ],
  ask: ({ client, call }, scope) => client.edges(scope, call),
  view: {
    name: (row) => `${row.from} ${row.to}`,
    empty: 'no calls between services in this time range',
    columns: [
      serviceColumn('FROM', (row) => row.from),
      serviceColumn('TO', (row) => row.to),
      textColumn('PROTOCOL', (row) => row.protocol),
      ...redColumns(),
      latencyColumn('CALLER P95', 'p95Ns', (row) => row.clientLatency, { wide: true }),
      countColumn('LOST', (row) => row.lost, {
        paint: (row, style) => (row.lost > 0 ? style.red : style.dim),
      }),
      countColumn('BY PROXY', (row) => row.answeredByProxy, { wide: true }),
      textColumn('SUBSETS', (row) => row.subsets.map(({ subset }) => subset).join(','), {
        wide: true,
      }),
      textColumn('TO VERSIONS', (row) => row.toVersions.map(({ version }) => version).join(','), {
        wide: true,
      }),
    ],
  },
});

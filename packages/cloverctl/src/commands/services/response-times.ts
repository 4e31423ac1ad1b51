import type { ResponseTimesAnswer } from '@clover/model';
import { usageError } from '../../errors.ts';
import { listCommand } from '../../list-command.ts';
import {
  countColumn,
  errorColumn,
  latencyColumn,
  serviceColumn,
  textColumn,
} from '../../output/columns.ts';

const BY = ['service', 'operation', 'version', 'node'] as const;

export const getResponseTimes = listCommand<ResponseTimesAnswer>({
  path: 'get response-times',
  aliases: ['response-time', 'rt'],
  summary: 'Response times: minimum, average, percentiles, maximum',
  text: 'Response times of the server side per service, operation, version or instance. Percentiles are within 1 %.',
  examples: [
    { says: 'per service', line: 'get response-times' },
    {
      says: 'versions of a service side by side',
      line: 'get response-times --by version --service http-lb',
    },
  ],
  flags: [
    { name: 'by', value: 'KEY', choices: BY, says: `group by ${BY.join(', ')} (default service)` },
  ],
  ask: ({ client, call, text }, scope) => {
    const by = BY.find((key) => key === (text('by') ?? 'service'));
    if (!by) throw usageError(`--by takes ${BY.join(', ')}`);
    return client.responseTimes({ ...scope, by }, call);
  },
  view: (context) => ({
    name: (row) => (context.text('by') === undefined ? row.service : `${row.service} ${row.key}`),
    empty: 'no requests in this time range',
    columns: [
      serviceColumn('SERVICE', (row) => row.service),
      ...(['operation', 'version', 'node'].includes(context.text('by') ?? '')
        ? [textColumn(context.text('by')!.toUpperCase(), (row: { key: string }) => row.key)]
        : []),
      countColumn('REQUESTS', (row) => row.requests),
      errorColumn((row) => row.errorRatio),
      latencyColumn('MIN', 'minNs', (row) => row.latency),
      latencyColumn('AVG', 'avgNs', (row) => row.latency),
      latencyColumn('P50', 'p50Ns', (row) => row.latency),
      latencyColumn('P90', 'p90Ns', (row) => row.latency, { wide: true }),
      latencyColumn('P95', 'p95Ns', (row) => row.latency),
      latencyColumn('P99', 'p99Ns', (row) => row.latency),
      latencyColumn('MAX', 'maxNs', (row) => row.latency),
    ],
  }),
});

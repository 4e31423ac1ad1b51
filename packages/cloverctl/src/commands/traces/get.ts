import type { TracesAnswer, TraceSummary } from '@clover/model';
import { listCommand } from '../../list-command.ts';
import { oneOf } from '../../one-of.ts';
import { countColumn, serviceColumn, textColumn } from '../../output/columns.ts';

const STATUSES = ['any', 'ok', 'error'] as const;
const SORTS = ['newest', 'slowest'] as const;

export const getTraces = listCommand<TracesAnswer>({
  path: 'get traces',
  aliases: ['tr'],
  summary: 'Search traces',
  text: 'Traces with a span that fits all that is asked for, newest or slowest first. `get trace ID` shows one.',
  examples: [
    { says: 'failed ones of a service', line: 'get traces --service http-lb --status error' },
    {
      says: 'slow ones of the last hour',
      line: 'get traces --since 1h --min-duration 250ms --sort slowest',
    },
  ],
  serverLimit: 20,
  flags: [
    {
      name: 'operation',
      value: 'NAME',
      says: 'only with a span of this name',
      completes: 'operation',
    },
    { name: 'min-duration', value: 'DURATION', says: 'only with a span at least so long: 250ms' },
    { name: 'max-duration', value: 'DURATION', says: 'only with a span at most so long' },
    { name: 'status', value: 'STATUS', choices: STATUSES, says: 'any (default), ok or error' },
    { name: 'text', value: 'TEXT', says: 'in span names, messages, URLs and attribute values' },
    { name: 'sort', value: 'ORDER', choices: SORTS, says: 'newest (default) or slowest first' },
    { name: 'cursor', value: 'CURSOR', says: 'go on where an earlier answer ended (nextCursor)' },
  ],
  ask: ({ client, call, text, whole }, scope) =>
    client.traces(
      {
        ...scope,
        operation: text('operation'),
        minDuration: text('min-duration'),
        maxDuration: text('max-duration'),
        status: oneOf(STATUSES, 'status', text('status')),
        text: text('text'),
        sort: oneOf(SORTS, 'sort', text('sort')),
        limit: whole('limit'),
        cursor: text('cursor'),
      },
      call,
    ),
  view: (context) => ({
    name: (row) => row.traceId,
    empty: 'no traces fit in this time range',
    notes: (answer) =>
      answer.nextCursor === null || !context.terminal ? [] : ['--cursor goes on where this ends'],
    columns: [
      { title: 'TRACE', text: (row) => row.traceId },
      { title: 'START', text: (row, figures) => figures.time(row.startTimeUnixNano) },
      serviceColumn('SERVICE', (row) => row.rootService),
      textColumn('OPERATION', (row) => row.rootName + rootNote(row, context.io.nowMs())),
      {
        title: 'DURATION',
        align: 'right',
        text: (row, figures) => figures.duration(row.durationNs),
      },
      countColumn('SPANS', (row) => row.spans),
      countColumn('ERRORS', (row) => row.errors, {
        paint: (row, style) => (row.errors > 0 ? style.red : style.dim),
      }),
      { title: 'STATUS', align: 'right', text: (row) => String(row.httpStatusCode ?? '-') },
      textColumn(
        'SERVICES',
        (row) => row.services.map(({ service, spans }) => `${service}:${spans}`).join(' '),
        { wide: true },
      ),
    ],
  }),
});

/** A root ends last and comes last: in a young trace it is not missing yet. */
const ARRIVING_MS = 30_000;

function rootNote(row: TraceSummary, nowMs: number): string {
  if (!row.rootMissing) return '';
  const ageMs = nowMs - (Number(row.startTimeUnixNano) + row.durationNs) / 1e6;
  return ageMs < ARRIVING_MS ? ' (arriving)' : ' (root missing)';
}

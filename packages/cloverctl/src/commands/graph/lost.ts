import type { LostAnswer, LostEdge } from '@clover/model';
import { EXIT } from '../../errors.ts';
import { listCommand } from '../../list-command.ts';
import { countColumn, serviceColumn, textColumn } from '../../output/columns.ts';
import type { Column } from '../../output/table.ts';

const bad = (title: string, of: (row: LostEdge) => number): Column<LostEdge> =>
  countColumn(title, of, { paint: (row, style) => (of(row) > 0 ? style.red : style.dim) });

export const getLost = listCommand<LostAnswer>({
  path: 'get lost',
  summary: 'Requests that nobody received or answered',
  text: 'What became of the requests of each edge: sent by the client side, received by a server side, lost (no server side saw it), unanswered, answered by a proxy itself, or sent to a callee that nobody traces. Coverage is received / (received + lost + unanswered). On stderr: orphan spans and spans that were refused at the door.',
  examples: [
    { says: 'the last 15 minutes', line: 'get lost --since 15m' },
    {
      says: 'in CI: exit code 3 when a request was lost, 5 when that cannot be told',
      line: 'get lost --since 5m --check',
    },
  ],
  flags: [
    {
      name: 'check',
      says: 'exit code 3 when requests were lost or unanswered, 5 when nothing could be judged',
    },
  ],
  ask: ({ client, call }, scope) => client.lost(scope, call),
  judge: (answer, context) => {
    if (!context.on('check')) return EXIT.ok;
    if (answer.items.some((edge) => edge.lost + edge.unanswered > 0)) return EXIT.negative;
    return answer.coverage === null ? EXIT.inconclusive : EXIT.ok;
  },
  view: {
    name: (row) => `${row.from} ${row.to}`,
    empty: 'no calls between services in this time range',
    notes: (answer, { figures }) => [
      ...(answer.coverage === null
        ? []
        : [`coverage of all edges: ${figures.ratio(answer.coverage)}`]),
      ...(answer.orphanSpans.count > 0
        ? [
            `orphan spans (their parent never came): ${figures.count(answer.orphanSpans.count)}, ` +
              `of ${answer.orphanSpans.byService.map(({ service, count }) => `${service} ${figures.count(count)}`).join(', ')}`,
          ]
        : []),
      ...answer.refusedSpans.byReason.map(
        ({ source, reason, count }) =>
          `refused spans: ${figures.count(count)} by ${source}: ${reason}`,
      ),
    ],
    columns: [
      serviceColumn('FROM', (row) => row.from),
      serviceColumn('TO', (row) => row.to),
      countColumn('SENT', (row) => row.sent),
      countColumn('RECEIVED', (row) => row.received),
      bad('LOST', (row) => row.lost),
      bad('UNANSWERED', (row) => row.unanswered),
      countColumn('BY PROXY', (row) => row.answeredByProxy),
      countColumn('UNTRACED', (row) => row.untraced),
      { title: 'COVERAGE', align: 'right', text: (row, figures) => figures.ratio(row.coverage) },
      textColumn(
        'FLAGS',
        (row) => row.proxyFlags.map(({ flag, count }) => `${flag}:${count}`).join(','),
        { wide: true },
      ),
      textColumn('EXAMPLE TRACE', (row) => row.exampleTraceIds[0] ?? '', {
        wide: true,
        shrinkTo: 32,
      }),
    ],
  },
});

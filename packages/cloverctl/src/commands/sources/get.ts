import type { SourcesAnswer } from '@clover/model';
import { outputFlag, watchFlags } from '../../flags.ts';
import type { Command } from '../../command.ts';
import { countColumn, textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import { repeat } from '../../watch.ts';

type Row = SourcesAnswer['items'][number];
const refused = (row: Row): number => row.refused.reduce((sum, { count }) => sum + count, 0);

export const getSources: Command = {
  path: 'get sources',
  aliases: ['source', 'src'],
  summary: 'What comes in, from where, how complete',
  text: 'Receivers, scrape targets and pulls with their state, what they brought, what was refused, and for pulls how complete they were. With nothing coming in, stderr says how to connect a system.',
  examples: [
    { says: 'all', line: 'get sources' },
    { says: 'again and again', line: 'get sources --watch' },
  ],
  flags: [outputFlag, ...watchFlags],
  run: (context) =>
    repeat(context, async (round) => {
      const answer = await round.client.sources({}, round.call);
      await show<SourcesAnswer, Row>(round, answer, {
        rows: ({ items }) => items,
        name: (row) => row.id,
        empty: 'no sources',
        notes: ({ items, snippets }) =>
          items.some((row) => row.acceptedSpans + row.acceptedPoints > 0)
            ? items.flatMap((row) => [
                ...row.refused.map(({ reason, count }) => `${row.id} refused ${count}: ${reason}`),
                ...(row.lastError !== null && row.state === 'down'
                  ? [`${row.id}: ${row.lastError}`]
                  : []),
              ])
            : snippets.slice(0, 1).map(({ title, text }) => `nothing came yet. ${title}:\n${text}`),
        columns: [
          textColumn('SOURCE', (row) => (row.name === '' ? row.id : `scrape:${row.name}`), {
            shrinkTo: 20,
          }),
          {
            title: 'STATE',
            text: (row) => row.state,
            paint: (row, style) =>
              row.state === 'up' ? style.green : row.state === 'down' ? style.red : style.dim,
          },
          {
            title: 'SPANS/S',
            align: 'right',
            text: (row, figures) => figures.count(row.spansPerSecond),
          },
          {
            title: 'POINTS/S',
            align: 'right',
            text: (row, figures) => figures.count(row.pointsPerSecond),
          },
          countColumn('SPANS', (row) => row.acceptedSpans),
          countColumn('POINTS', (row) => row.acceptedPoints),
          countColumn('REFUSED', refused, {
            paint: (row, style) => (refused(row) > 0 ? style.red : style.dim),
          }),
          {
            title: 'COMPLETE',
            align: 'right',
            text: (row, figures) => figures.ratio(row.completeness),
          },
          {
            title: 'LAG',
            align: 'right',
            wide: true,
            text: (row, figures) => figures.duration(row.lagMs === null ? null : row.lagMs * 1e6),
          },
          { title: 'LAST SEEN', wide: true, text: (row, figures) => figures.time(row.lastSeen) },
          textColumn('ADDRESS', (row) => row.address, { wide: true }),
          textColumn('DETAIL', (row) => row.detail, { shrinkTo: 12 }),
        ],
      });
      return 0;
    }),
};

import type { UploadsAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from '../../flags.ts';
import { textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';
import { repeat } from '../../watch.ts';

type Row = UploadsAnswer['items'][number];

export const getUploads: Command = {
  path: 'get uploads',
  aliases: ['upload'],
  summary: 'What was uploaded to the servers',
  text: 'Files that clients have uploaded to the sample servers, newest first: which server took it, under which path, its size, and the MD5 digest by which scanners know files.',
  examples: [
    { says: 'of the last hour', line: 'get uploads --since 1h' },
    { says: 'for another program', line: 'get uploads -o json' },
  ],
  flags: [
    outputFlag,
    ...scopeFlags.filter(({ name }) => ['since', 'start', 'end'].includes(name)),
    limitFlag('100'),
    ...watchFlags,
  ],
  run: (context) =>
    repeat(context, async (round) => {
      const { start, end, since } = round.scope();
      const answer = await round.client.uploads(
        { start, end, since, limit: round.whole('limit') },
        round.call,
      );
      await show<UploadsAnswer, Row>(round, answer, {
        rows: ({ items }) => items,
        name: (row) => row.md5,
        empty: 'no uploads in this time range',
        columns: [
          { title: 'TIME', text: (row, figures) => figures.time(row.time) },
          textColumn('SERVER', (row) => row.server),
          textColumn('NAME', (row) => row.name, { shrinkTo: 12 }),
          { title: 'SIZE', align: 'right', text: (row, figures) => figures.bytes(row.sizeBytes) },
          textColumn('TYPE', (row) => row.contentType, { shrinkTo: 12 }),
          textColumn('PATH', (row) => row.path, { shrinkTo: 16 }),
          textColumn('MD5', (row) => row.md5, { wide: true }),
        ],
      });
      return 0;
    }),
};

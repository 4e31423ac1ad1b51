import type { TrafficHistoryAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import { usageError } from '../../errors.ts';
import { limitFlag, outputFlag } from '../../flags.ts';
import { countColumn, textColumn } from '../../output/columns.ts';
import { show, showObject } from '../../output/show.ts';
import { diffLines } from './change-lines.ts';
import { resourceLabel } from './names.ts';

type Row = TrafficHistoryAnswer['items'][number];

const SHOWN = 3;

const firstOf = (names: readonly string[]) =>
  names.length <= SHOWN + 1
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;

export const history: Command = {
  path: 'history',
  summary: 'Changes of the Istio resources: who, when, why',
  text: 'The changes that the controller took, newest first; fault switches are among them. With the number of a revision its differences.',
  examples: [
    { says: 'the last changes', line: 'history' },
    { says: 'what revision 7 changed', line: 'history 7' },
    { says: 'of one resource', line: 'history --resource vs/lb' },
  ],
  arguments: [{ name: 'REVISION', optional: true, says: 'with its differences' }],
  flags: [
    { name: 'resource', value: 'KIND/NAME', says: 'only changes of this one' },
    limitFlag('50'),
    outputFlag,
  ],
  async run(context) {
    const { client, call, io, style } = context;
    const [revision] = context.args;
    if (revision !== undefined) {
      if (!/^\d{1,9}$/.test(revision))
        throw usageError(`${revision} is no revision`, 'it is a number: `history` has them');
      const one = await client.trafficRevision(Number(revision), call);
      if (context.output === 'json' || context.output === 'yaml') return showObject(context, one);
      context.note(
        `revision ${one.revision}, ${context.figures.time(one.time)}, ${one.action} by ${one.author}${one.reason ? `: ${one.reason}` : ''}`,
      );
      for (const line of diffLines(one.changes, style)) io.stdout.write(`${line}\n`);
      return undefined;
    }
    const [kind, name] = context.text('resource')?.split('/', 2) ?? [];
    const answer = await client.trafficHistory({ kind, name, limit: context.whole('limit') }, call);
    return show<TrafficHistoryAnswer, Row>(context, answer, {
      rows: ({ items }) => items,
      name: (row) => String(row.revision),
      empty: 'nothing was changed yet',
      columns: [
        countColumn('REVISION', (row) => row.revision),
        textColumn('TIME', (row) => context.figures.time(row.time)),
        textColumn('ACTION', (row) => row.action),
        textColumn('BY', (row) => row.author),
        textColumn('RESOURCES', (row) => firstOf(row.changes.map(resourceLabel)), { shrinkTo: 20 }),
        textColumn('REASON', (row) => row.reason, { shrinkTo: 12 }),
      ],
    });
  },
};

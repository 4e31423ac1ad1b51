import type { Command } from '../../command.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { noteDiffs, showChange } from './change-lines.ts';

export const undo: Command = {
  path: 'undo',
  summary: 'Take the last change of the Istio resources back, or go to a revision',
  text: 'Without a number the last change is taken back. With one, all resources become as they were after that revision. That is a change of its own: `undo` again does it again. Fault switches stay as they are.',
  examples: [
    { says: 'the last change', line: 'undo' },
    { says: 'as it was after revision 7', line: 'undo --to 7' },
    { says: 'what would that change?', line: 'undo --to 7 --dry-run' },
  ],
  flags: [
    { name: 'to', value: 'REVISION', says: 'as it was after this one; 0 is before the first' },
    { name: 'dry-run', says: 'say what would change, and change nothing' },
    { name: 'reason', value: 'TEXT', says: 'kept in the history' },
    outputFlag,
  ],
  async run(context) {
    const to = context.text('to');
    if (to !== undefined && !/^\d{1,9}$/.test(to)) throw usageError(`${to} is no revision`);
    const body = { to: to === undefined ? undefined : Number(to), reason: context.text('reason') };
    const { client, call } = context;
    const ahead = await client.trafficUndo({ ...body, dryRun: true }, call);
    noteDiffs(context, ahead.changes);
    const answer = context.on('dry-run')
      ? ahead
      : await client.trafficUndo({ ...body, revision: ahead.revision }, call);
    await showChange(context, answer);
  },
};

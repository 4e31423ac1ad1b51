import type { BodyInput, TrafficChangeAnswer, TrafficUndo } from '@clover/model';
import { CloverError } from '@clover/model/errors';
import type { Command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { noteDiffs, showChange } from './change-lines.ts';

export const undo: Command = {
  path: 'undo',
  summary: 'Take the last change of the Istio resources back, or go to a revision',
  text: 'Without a number the last change is taken back; when that switched a fault on, the fault is ended, and when the fault is over already, nothing is undone. A change without which no resource remains is asked about on a terminal and needs --yes elsewhere. With a number, all resources become as they were after that revision, and fault switches stay as they are. That is a change of its own: `undo` again does it again.',
  examples: [
    { says: 'the last change', line: 'undo' },
    { says: 'as it was after revision 7', line: 'undo --to 7' },
    { says: 'what would that change?', line: 'undo --to 7 --dry-run' },
  ],
  flags: [
    { name: 'to', value: 'REVISION', says: 'as it was after this one; 0 is before the first' },
    { name: 'yes', short: 'y', says: 'do not ask, though no resource remains' },
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
    const answer = context.on('dry-run') ? ahead : await send(context, body, ahead);
    await showChange(context, answer);
  },
};

/** What was shown is what is done; where it would leave nothing, after a question. */
async function send(
  context: Context,
  body: BodyInput<typeof TrafficUndo>,
  { revision }: TrafficChangeAnswer,
): Promise<TrafficChangeAnswer> {
  const { client, call } = context;
  try {
    return await client.trafficUndo({ ...body, revision, all: context.on('yes') }, call);
  } catch (error) {
    if (!(error instanceof CloverError) || error.code !== 'traffic.leaves_nothing') throw error;
    await confirm(context, 'No resource remains after this. Take the change back?', {
      because: error.message,
      hint: 'add --yes if that is meant, or name a revision with --to',
    });
    return client.trafficUndo({ ...body, revision, all: true }, call);
  }
}

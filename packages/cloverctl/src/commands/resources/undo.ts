import type { BodyInput, TrafficChangeAnswer, TrafficUndo } from '@clover/model';
import { CloverError } from '@clover/model/errors';
import { formatAge } from '@clover/model/time';
import type { Command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { harmless } from '../../output/text.ts';
import { noteDiffs, showChange } from './change-lines.ts';
import { resourceLabel } from './names.ts';

export const undo: Command = {
  path: 'undo',
  summary: 'Take the last change of the Istio resources back, or go to a revision',
  text: 'Says what the last change is, who made it and when, and takes it back: on a terminal after a question, unless --yes or its number is there. A number that is not the last change is refused. When what you tried last was refused, nothing came of it, and the change before it is only taken back by its number. When the last change switched a fault on, the fault is ended, and when the fault is over already, nothing is undone. A change without which no resource remains needs --yes or a question always. With --to, all resources become as they were after that revision, and fault switches stay as they are. That is a change of its own: `undo` again does it again.',
  examples: [
    { says: 'the last change', line: 'undo' },
    { says: 'revision 7, if that is the last change', line: 'undo 7' },
    { says: 'as it was after revision 7', line: 'undo --to 7' },
    { says: 'what would that change?', line: 'undo --to 7 --dry-run' },
  ],
  arguments: [{ name: 'REVISION', optional: true, says: 'the last change, by its number' }],
  flags: [
    { name: 'to', value: 'REVISION', says: 'as it was after this one; 0 is before the first' },
    { name: 'yes', short: 'y', says: 'do not ask, not even when no resource remains' },
    { name: 'quiet', short: 'q', says: 'do not show the differences' },
    { name: 'dry-run', says: 'say what would change, and change nothing' },
    { name: 'reason', value: 'TEXT', says: 'kept in the history' },
    outputFlag,
  ],
  async run(context) {
    const to = context.text('to');
    const [named] = context.args;
    for (const one of [to, named])
      if (one !== undefined && !/^\d{1,9}$/.test(one))
        throw usageError(`${one} is no revision`, 'it is a number: `history` has them');
    if (to !== undefined && named !== undefined)
      throw usageError(
        'name one revision',
        '`undo 7` takes revision 7 back, `undo --to 7` goes back to how it was after it',
      );
    const body = { to: to === undefined ? undefined : Number(to), reason: context.text('reason') };
    const { client, call } = context;
    if (named !== undefined) await checkLast(context, Number(named));
    const ahead = await client.trafficUndo(
      { ...body, dryRun: true, revision: named === undefined ? undefined : Number(named) },
      call,
    );
    if (to === undefined) await noteLast(context);
    if (!context.on('quiet')) noteDiffs(context, ahead.changes);
    const sure = to !== undefined || named !== undefined || context.on('yes');
    const dry = context.on('dry-run');
    if (!dry && !sure && context.io.stdin.isTTY && context.io.stderr.isTerminal)
      await confirm(context, 'Take it back?', { otherwise: 'nothing was changed' });
    await showChange(context, dry ? ahead : await send(context, body, ahead));
  },
};

async function lastChange({ client, call }: Context) {
  const { items } = await client.trafficHistory({ limit: 1 }, call);
  return items[0];
}

async function checkLast(context: Context, named: number): Promise<void> {
  const last = await lastChange(context);
  if (!last) return; // The controller says so.
  if (last.revision !== named)
    throw usageError(
      `revision ${named} is not the last change, ${last.revision} is`,
      named > last.revision || named === 0
        ? '`history` has them all'
        : `\`undo --to ${named - 1}\` goes back to how it was before revision ${named}, and takes back all that came after it too`,
    );
}

/** What is about to be taken back. */
async function noteLast(context: Context): Promise<void> {
  const last = await lastChange(context);
  if (!last) return;
  const age = formatAge(context.io.nowMs() - Date.parse(last.time));
  const why = last.reason === '' ? '' : ` (${last.reason})`;
  context.note(
    harmless(
      `the last change is revision ${last.revision}, ${last.action} by ${last.author} ${age} ago: ${last.changes.map(resourceLabel).join(', ')}${why}`,
    ),
  );
}

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

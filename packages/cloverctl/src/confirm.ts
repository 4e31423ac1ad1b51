import { CloverError } from '@clover/model/errors';
import type { Context } from './context.ts';
import { CLOVERCTL_ERRORS, usageError } from './errors.ts';

/** Asks on the terminal. Throws CloverError `cloverctl.not_confirmed` for anything but yes, and `cloverctl.usage` where nobody can answer. */
export async function confirm(
  context: Context,
  question: string,
  {
    because = 'this cannot be undone and there is no terminal to ask',
    hint = 'add --yes if you mean it',
    otherwise = 'nothing was removed',
  } = {},
): Promise<void> {
  const { io, errorStyle } = context;
  if (!io.stdin.isTTY || !io.stderr.isTerminal) throw usageError(because, hint);
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: io.stdin });
  io.stderr.write(`${errorStyle.yellow(question)} ${errorStyle.dim('[y/N]')} `);
  try {
    const answer = await lines.question('', { signal: io.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new CloverError(CLOVERCTL_ERRORS.notConfirmed, otherwise, { status: 400 });
}

// --watch: on a terminal the answer stays in its place, in a pipe one follows the other.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './context.ts';
import { EXIT } from './errors.ts';
import type { Io } from './io.ts';

const HOME_AND_CLEAR = '\u001B[H\u001B[J';

/**
 * Runs once, or with --watch until the user interrupts. A round writes into a buffer that comes out at
 * once, so that a terminal does not flicker.
 */
export async function repeat(
  context: Context,
  round: (context: Context) => Promise<number>,
): Promise<number> {
  if (!context.on('watch')) return round(context);
  const intervalMs = context.durationMs('interval') ?? 2000;
  const { io } = context;
  const inPlace = context.terminal && context.output !== 'json' && context.output !== 'yaml';
  for (;;) {
    let text = '';
    let notes = '';
    await round(
      context.withIo({
        ...io,
        stdout: bufferOf(io.stdout, (piece) => (text += piece)),
        stderr: bufferOf(io.stderr, (piece) => (notes += piece)),
      }),
    );
    if (inPlace) io.stdout.write(HOME_AND_CLEAR + text + notes);
    else {
      io.stdout.write(text);
      io.stderr.write(notes);
    }
    await sleep(intervalMs, undefined, { signal: io.signal }).catch(() => {});
    if (io.signal.aborted) return EXIT.interrupted;
  }
}

function bufferOf(sink: Io['stdout'], write: (text: string) => void): Io['stdout'] {
  return { write, isTerminal: sink.isTerminal, columns: sink.columns, rows: sink.rows };
}

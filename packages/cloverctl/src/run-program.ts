// A program run in cloverctl's place: it has the terminal, and a signal meant for cloverctl is its.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CloverError } from '@clover/model/errors';
import { CLOVERCTL_ERRORS } from './errors.ts';

/** Why a run was interrupted. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super('interrupted');
    this.signal = signal;
  }
}

export interface RunningProgram {
  /** Its exit code, 128 and the signal's number for one. Rejects with `cloverctl.no_program` when it cannot be started. */
  readonly ended: Promise<number>;
}

/** `env` comes on top of cloverctl's own. */
export function runProgram(
  words: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly process: NodeJS.Process;
    readonly signal: AbortSignal;
  },
): RunningProgram {
  const [program = '', ...rest] = words;
  const { process, signal } = options;
  const child = spawn(program, rest, {
    stdio: 'inherit',
    env: { ...process.env, ...options.env },
  });
  const onAbort = () => {
    const reason: unknown = signal.reason;
    const which = reason instanceof InterruptedError ? reason.signal : 'SIGTERM';
    // Ctrl-C reaches all programs of a terminal by itself.
    if (which === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(which);
  };
  // Whoever ends cloverctl the hard way (a second signal) ends the program with it.
  const onExit = () => child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort);
  process.once('exit', onExit);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new CloverError(CLOVERCTL_ERRORS.noProgram, `${program} cannot be started`, {
          status: 400,
          hint: cause.code === 'ENOENT' ? 'is it installed, and in PATH?' : cause.message,
          cause,
        }),
      );
    });
    child.once('exit', (code, by) => resolve(code ?? 128 + (by ? constants.signals[by] : 0)));
  }).finally(() => {
    signal.removeEventListener('abort', onAbort);
    process.off('exit', onExit);
  });
  return { ended };
}

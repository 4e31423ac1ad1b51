// The world outside as commands see it. Commands never touch `process`, so that they can be run with another world.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename } from 'node:path';
import { runProgram, type RunningProgram } from './run-program.ts';

export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

export interface Io {
  /** Data only. */
  readonly stdout: Sink;
  /** Everything else: notes, progress, errors. */
  readonly stderr: Sink;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** As the user called it: `cloverctl`, or `kubectl clover`. */
  readonly programName: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  nowMs(): number;
  /** Runs a program in this one's place: its streams, its signals. See runProgram. */
  runProgram(words: readonly string[], env: Readonly<Record<string, string>>): RunningProgram;
  /** The text of a file, of stdin for `-`; undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
}

/** The real world. `signal` aborts at the first SIGINT or SIGTERM. */
export function processIo(process: NodeJS.Process, signal: AbortSignal): Io {
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    get stdin() {
      return process.stdin;
    },
    env: process.env,
    cwd: process.cwd(),
    home: process.env['HOME'] ?? homedir(),
    programName: basename(process.argv[1] ?? '').startsWith('kubectl-clover')
      ? 'kubectl clover'
      : 'cloverctl',
    signal,
    nowMs: () => Date.now(),
    runProgram: (words, env) => runProgram(words, { env, process, signal }),
    async readText(path) {
      if (path === '-') {
        let text = '';
        process.stdin.setEncoding('utf8');
        for await (const piece of process.stdin) text += piece as string;
        return text;
      }
      return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      });
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}

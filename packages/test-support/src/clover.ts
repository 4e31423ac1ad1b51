// Clover's own programs as a user starts them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, type RunningProcess } from './process.ts';
import { tempDir } from './temp-dir.ts';

/** What `--ready-file` says when every listener is up. */
export interface ReadyFile {
  readonly controller: string;
  readonly otlpHttp: string;
  /** `host:port`. */
  readonly otlpGrpc: string;
  readonly zipkin: string;
}

export interface ProgramOptions {
  /** The program's JavaScript file. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeArgs?: readonly string[];
  readonly cwd?: string;
  /** What it finds on standard input; nothing by default. */
  readonly input?: string;
  readonly readyTimeoutMs?: number;
}

export interface RunningProgram<Ready> {
  readonly process: RunningProcess;
  readonly ready: Ready;
  /** SIGTERM and wait until it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts one of Clover's programs with `--ready-file FILE` and waits until it has written that file.
 * `Ready` is what the file holds. Throws with the program's output when it ends before.
 */
export async function startProgram<Ready = ReadyFile>(
  options: ProgramOptions,
): Promise<RunningProgram<Ready>> {
  const dir = await tempDir('clover-ready-');
  const file = join(dir.path, 'ready.json');
  let ready: Ready | undefined;
  try {
    const running = await startProcess({
      command: process.execPath,
      args: [
        ...(options.nodeArgs ?? []),
        options.main,
        ...(options.args ?? []),
        '--ready-file',
        file,
      ],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(options.env === undefined ? {} : { env: options.env }),
      readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
      async ready() {
        ready = JSON.parse(await readFile(file, 'utf8')) as Ready;
        return true;
      },
    });
    return { process: running, ready: ready as Ready, stop: () => running.stop(15_000) };
  } finally {
    await dir.remove();
  }
}

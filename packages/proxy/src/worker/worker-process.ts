// One run of the data plane's process: questions go in, answers come back, and its end answers all that wait.

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CloverError } from '@clover/model';
import { workerEnded } from '../errors.ts';
import type { FromWorker, WorkerAnswers, WorkerRequest } from './messages.ts';

export interface WorkerProcess {
  readonly pid: number | null;
  ask<Kind extends WorkerRequest['kind']>(
    request: Extract<WorkerRequest, { kind: Kind }>,
  ): Promise<WorkerAnswers[Kind]>;
  /** How it ended: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  kill(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Beside this file when the package is built; built from here when it runs from source. */
function mainFile(): string {
  const here = import.meta.url;
  const built = here.endsWith('.ts') ? '../../dist/worker/main.js' : './main.js';
  return fileURLToPath(new URL(built, here));
}

export function forkWorker(file: string | undefined, execArgv: readonly string[]): WorkerProcess {
  const child: ChildProcess = fork(file ?? mainFile(), [], { execArgv: [...execArgv] });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let over: string | undefined;
  child.on('message', (message: FromWorker) => {
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) {
      const { code, message: text, hint, status } = message.error;
      one?.reject(new CloverError(code, text, { status, ...(hint !== undefined && { hint }) }));
    } else one?.resolve(message.value);
  });
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      over ??= how;
      for (const one of waiting.values()) one.reject(workerEnded(how));
      waiting.clear();
      resolve(how);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) =>
      end(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  return {
    pid: child.pid ?? null,
    ended,
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (over !== undefined || !child.connected) {
          reject(workerEnded(over ?? 'disconnected'));
          return;
        }
        const id = nextId++;
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        child.send({ ...request, id }, (error) => {
          if (error === null || !waiting.delete(id)) return;
          reject(workerEnded(error.message));
        });
      }),
    kill: () => void child.kill('SIGKILL'),
  };
}

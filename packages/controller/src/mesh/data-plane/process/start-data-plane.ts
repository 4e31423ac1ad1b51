// The built-in data plane in a process of its own: started, asked, and started again with what was in
// force when it ends unasked.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloverError } from '@clover/model';
import type { DataPlane, DataPlaneConfig, ListenerAddress } from '@clover/proxy';
import type { Answers, Failure, Question, Reply, StartOptions } from './messages.ts';

export interface DataPlaneProcess extends DataPlane {
  /** Of the process that runs now; null while it is started again. */
  readonly pid: number | null;
  readonly metricsUrl: string;
  /** Hands over the spans that wait. */
  flush(): Promise<void>;
}

export interface DataPlaneProcessOptions extends Omit<StartOptions, 'metricsPort'> {
  readonly onError: (error: unknown) => void;
  /** The program; default: the one beside this file. */
  readonly program?: string;
}

const START_WITHIN_MS = 20_000;
const ANSWER_WITHIN_MS = 15_000;
const END_WITHIN_MS = 8000;
const LONGEST_PAUSE_MS = 5000;

interface Running {
  readonly child: ChildProcess;
  ask<Type extends Question['type']>(
    question: Question & { type: Type },
    withinMs?: number,
  ): Promise<Answers[Type]>;
}

/** Resolves when the process is there, without a listener yet. Rejects with `proxy.not_started`. */
export async function startDataPlane(options: DataPlaneProcessOptions): Promise<DataPlaneProcess> {
  const { otlpHttpUrl, samplingRatio } = options;
  let running: Running | undefined;
  let metricsPort = 0;
  let version = 0;
  let restarts = 0;
  let detail = '';
  let listeners: readonly ListenerAddress[] = [];
  let config: DataPlaneConfig | undefined;
  let closing = false;
  let failuresInARow = 0;

  async function start(): Promise<void> {
    const one = spawn(options.program ?? fileURLToPath(new URL('main.js', import.meta.url)));
    one.child.once('exit', (code, signal) => {
      if (closing || running !== one) return;
      running = undefined;
      detail = `ended by ${signal ?? `exit code ${code}`}, starting again`;
      void startAgain();
    });
    try {
      const started = await one.ask(
        { type: 'start', options: { otlpHttpUrl, samplingRatio, metricsPort } },
        START_WITHIN_MS,
      );
      ({ metricsPort } = started);
      if (config) ({ listeners } = await one.ask({ type: 'apply', config }));
    } catch (error) {
      one.child.kill('SIGKILL');
      throw error;
    }
    running = one;
    detail = '';
  }

  async function startAgain(): Promise<void> {
    restarts++;
    while (!closing) {
      try {
        await start();
        failuresInARow = 0;
        return;
      } catch (error) {
        options.onError(error);
        failuresInARow++;
        await sleep(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failuresInARow), undefined, {
          ref: false,
        });
      }
    }
  }

  function now(): Running {
    if (running) return running;
    throw new CloverError('proxy.away', `the data plane is away: ${detail}`, {
      status: 503,
      hint: 'it is started again; try once more in a second',
    });
  }

  await start().catch((cause: unknown) => {
    throw new CloverError('proxy.not_started', 'the data plane could not be started', {
      cause,
      hint: (cause as Error).message,
    });
  });
  return {
    get pid() {
      return running?.child.pid ?? null;
    },
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    async apply(next) {
      const applied = await now().ask({ type: 'apply', config: next });
      config = next;
      ({ listeners } = applied);
      version++;
      return { ...applied, version };
    },
    addresses: () => listeners,
    health: () => ({ live: running !== undefined, version, restarts, detail }),
    statistics: () => now().ask({ type: 'statistics' }),
    flush: async () => {
      await now().ask({ type: 'flush' });
    },
    async close() {
      closing = true;
      const one = running;
      if (!one) return;
      const exited = once(one.child, 'exit');
      const late = setTimeout(() => one.child.kill('SIGKILL'), END_WITHIN_MS);
      await one.ask({ type: 'close' }, END_WITHIN_MS).catch(() => one.child.kill('SIGKILL'));
      await exited;
      clearTimeout(late);
    },
  };
}

function spawn(program: string): Running {
  const child = fork(program, [], {
    execArgv: ['--enable-source-maps', '--max-semi-space-size=32'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (reply: Reply | undefined) => void>();
  let next = 1;
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply));
  child.once('exit', () => {
    for (const done of waiting.values()) done(undefined);
  });
  child.on('error', () => {});
  return {
    child,
    ask<Type extends Question['type']>(
      question: Question & { type: Type },
      withinMs = ANSWER_WITHIN_MS,
    ): Promise<Answers[Type]> {
      const id = next++;
      return new Promise((resolve, reject) => {
        const end = (reply: Reply | undefined) => {
          waiting.delete(id);
          clearTimeout(late);
          if (!reply) reject(awayError('ended'));
          else if ('failure' in reply) reject(errorOf(reply.failure));
          else resolve(reply.value as Answers[Type]);
        };
        const late = setTimeout(() => {
          waiting.delete(id);
          reject(awayError(`did not answer within ${withinMs / 1000} s`));
        }, withinMs);
        waiting.set(id, end);
        child.send({ ...question, id }, (error) => {
          if (error) end(undefined);
        });
      });
    },
  };
}

const awayError = (what: string): CloverError =>
  new CloverError('proxy.away', `the data plane ${what}`, { status: 503 });

function errorOf({ code, message, hint, status, stack }: Failure): Error {
  const error =
    code === 'proxy.failed'
      ? new Error(message)
      : new CloverError(code, message, { status, ...(hint !== undefined && { hint }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

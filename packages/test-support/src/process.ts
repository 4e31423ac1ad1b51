// Child processes of tests: started without a shell, their output kept for messages, taken down by
// pid, and never left behind when the test process ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StartOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it finds on standard input; nothing by default. */
  readonly input?: string;
  /** Called until it answers true; the process ending first is an error. Default: ready at once. */
  readonly ready?: () => Promise<boolean>;
  /** Default 20 s. */
  readonly readyTimeoutMs?: number;
}

export interface RunningProcess {
  readonly pid: number;
  /** The last 64 KB of what it wrote to stdout. */
  stdout(): string;
  /** The last 64 KB of what it wrote to stderr. */
  stderr(): string;
  /** Resolves when it has ended: the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs` (5 s); resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

const KEPT_OUTPUT = 65_536;
const OUTPUT_GRACE_MS = 200;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program and waits until it is ready. Throws with its output when it ends or times out. */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  const child = spawn(options.command, options.args ?? [], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: mergeEnv(options.env ?? {}),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.stdin?.on('error', () => undefined).end(options.input); // it may leave it unread
  const stdout = keepOutput(child.stdout);
  const stderr = keepOutput(child.stderr);
  let ended: number | string | undefined;
  const exited = new Promise<number | string>((resolve) => {
    const end = (result: number | string) => {
      running.delete(child);
      ended ??= result;
      resolve(result);
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(code ?? signal ?? 'unknown'));
    // Programs that it started may hold its output open for longer than it lives.
    child.once('exit', (code, signal) => {
      setTimeout(() => end(code ?? signal ?? 'unknown'), OUTPUT_GRACE_MS).unref();
    });
  });
  const process_: RunningProcess = {
    pid: child.pid ?? -1,
    stdout,
    stderr,
    exited,
    signal: (name) => void child.kill(name),
    async stop(graceMs = 5000) {
      if (ended === undefined) child.kill('SIGTERM');
      const timeout = new AbortController();
      await Promise.race([
        exited,
        sleep(graceMs, undefined, { signal: timeout.signal }).then(
          () => child.kill('SIGKILL'),
          () => undefined,
        ),
      ]);
      timeout.abort();
      await exited;
    },
  };
  try {
    await waitUntilReady(options, () => ended);
  } catch (cause) {
    await process_.stop(500);
    throw new Error(
      `${options.command} did not become ready: ${String((cause as Error).message)}\n` +
        `--- stdout\n${stdout()}\n--- stderr\n${stderr()}`,
      { cause },
    );
  }
  return process_;
}

async function waitUntilReady(options: StartOptions, ended: () => number | string | undefined) {
  if (options.ready === undefined) return;
  const timeoutMs = options.readyTimeoutMs ?? 20_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (ended() !== undefined) throw new Error(`it ended with ${ended()}`);
    if (await options.ready().catch(() => false)) return;
    if (Date.now() > deadline) throw new Error(`not ready within ${timeoutMs} ms`);
    await sleep(30);
  }
}

function mergeEnv(extra: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const merged = { ...process.env, ...extra };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

function keepOutput(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-KEPT_OUTPUT);
  });
  return () => text;
}

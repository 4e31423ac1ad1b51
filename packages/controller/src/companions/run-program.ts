// A program that runs beside Clover: started without a shell, waited for, ended with it.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloverError } from '@clover/model';

export interface RunOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with a success once the program is ready. */
  readonly readyUrl: string;
  /** Told when it ends unasked. */
  readonly onExit: (detail: string) => void;
}

const READY_WITHIN_MS = 20_000;
const END_WITHIN_MS = 5000;
const KEPT_OUTPUT = 4000;
/** Debian's util-linux: ends the child when Clover dies without a word. */
const SETPRIV = '/usr/bin/setpriv';

/** Starts it and waits until it is ready. Throws CloverError `companion.not_started` with what it said. */
export async function runProgram(options: RunOptions): Promise<{ close(): Promise<void> }> {
  const { name, command, args } = options;
  const guarded = process.platform === 'linux' && existsSync(SETPRIV);
  const child = spawn(
    guarded ? SETPRIV : command,
    guarded ? ['--pdeathsig', 'TERM', command, ...args] : [...args],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...options.env } },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_OUTPUT);
  });
  let ended: string | undefined;
  let closing = false;
  let isReady = false;
  const gone = new Promise<void>((resolve) => {
    const end = (detail: string) => {
      ended ??= detail;
      if (isReady && !closing) options.onExit(detail);
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : signal));
  });
  const close = async () => {
    closing = true;
    if (ended === undefined) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
    await gone;
    clearTimeout(late);
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(options.readyUrl))) {
    if (ended === undefined && Date.now() < deadline) {
      await sleep(50);
      continue;
    }
    const what = ended === undefined ? 'was not ready in time' : `ended with ${ended}`;
    await close();
    throw new CloverError('companion.not_started', `${name} (${command}) ${what}`, {
      hint: said.trim().split('\n').slice(-3).join(' | '),
    });
  }
  isReady = true;
  return { close };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    (response) => response.ok,
    () => false,
  );

/** Ports of 127.0.0.1 that nobody listens on right now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** A folder for a companion's files, and the function that removes it. */
export async function scratchFolder(name: string) {
  const path = await mkdtemp(join(tmpdir(), `clover-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

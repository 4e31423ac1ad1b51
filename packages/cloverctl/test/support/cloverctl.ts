// The real programs: a controller with an empty store, and cloverctl as a child process.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProgram, tempDir } from '@clover/test-support';

const CONTROLLER = fileURLToPath(new URL('../../../controller/dist/main.js', import.meta.url));
const CLOVERCTL = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ran {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly program?: string;
  /** Sent after so many ms. */
  readonly signalAfterMs?: number;
}

/** Runs cloverctl in a pipe, without anything of this machine's settings. */
export function runCloverctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [options.program ?? CLOVERCTL, ...args], {
    cwd: options.cwd ?? '/',
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const timer =
    options.signalAfterMs === undefined
      ? undefined
      : setTimeout(() => child.kill('SIGINT'), options.signalAfterMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ exit: code ?? signal ?? 'unknown', stdout, stderr });
    });
  });
}

/** A controller on free ports; `args` are further flags. */
export async function startController(args: readonly string[] = []) {
  for (const program of [CONTROLLER, CLOVERCTL])
    if (!existsSync(program)) throw new Error(`${program} is not built: npx tsc -b`);
  const data = await tempDir('cloverctl-');
  const ports = ['--port', '--otlp-http-port', '--otlp-grpc-port', '--zipkin-port'];
  const controller = await startProgram({
    main: CONTROLLER,
    args: [
      `--data=${data.path}`,
      '--log-level=error',
      ...ports.map((flag) => `${flag}=0`),
      ...args,
    ],
    env: { CLOVER_SERVER: undefined, CLOVER_TOKEN: undefined },
  });
  const env = { CLOVER_SERVER: controller.ready.controller };
  return {
    url: controller.ready.controller,
    run: (args: readonly string[], options: RunOptions = {}) =>
      runCloverctl(args, { ...options, env: { ...env, ...options.env } }),
    async stop() {
      await controller.stop();
      await data.remove();
    },
  };
}

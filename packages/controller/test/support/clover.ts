// Clover as a user starts it: the built program in a process of its own.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram, tempDir, type ReadyFile, type RunningProgram } from '@clover/test-support';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Tests of the process need `npx tsc -b` first. */
export const isBuilt = existsSync(MAIN);

export interface Clover {
  readonly process: RunningProgram<ReadyFile>['process'];
  readonly ready: ReadyFile & Record<string, unknown>;
  readonly dataDir: string;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** The answer of `/api/v1` + path; a text is YAML, an object JSON. Rejects, with the answer, unless that is a success. */
  send<Answer>(method: Method, path: string, body?: string | object): Promise<Answer>;
  /** SIGTERM, wait, and remove its data. */
  stop(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'DELETE';

export async function startClover(
  options: {
    readonly args?: readonly string[];
    /** A folder that stays; default one of its own, which goes with it. */
    readonly dataDir?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Clover> {
  const dir = await tempDir('clover-process-');
  const dataDir = options.dataDir ?? join(dir.path, 'data');
  try {
    const program = await startProgram<Clover['ready']>({
      main: MAIN,
      cwd: dir.path,
      env: { XDG_CONFIG_HOME: dir.path, ...options.env },
      args: [
        '--port=0',
        '--otlp-http-port=0',
        '--otlp-grpc-port=0',
        '--zipkin-port=0',
        `--data=${dataDir}`,
        '--log-format=text',
        ...(options.args ?? []),
      ],
    });
    return {
      process: program.process,
      ready: program.ready,
      dataDir,
      get: (path, init) => fetch(program.ready.controller + path, init),
      send: (method, path, body) => send(`${program.ready.controller}/api/v1${path}`, method, body),
      async stop() {
        await program.stop();
        await dir.remove();
      },
    };
  } catch (error) {
    await dir.remove();
    throw error;
  }
}

async function send<Answer>(url: string, method: Method, body?: string | object) {
  const isText = typeof body === 'string';
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': isText ? 'application/yaml' : 'application/json' },
      body: isText ? body : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

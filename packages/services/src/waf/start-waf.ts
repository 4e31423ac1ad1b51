// The web application firewall: a real Apache with ModSecurity and the OWASP core rules, on loopback, as
// the judge of a gateway's external authorization (Envoy's HTTP protocol: the request's own method, path,
// headers and body come; 200 lets it pass, anything else is the answer).

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloverError } from '@clover/model';
import { SERVICES_ERRORS } from '../errors.ts';
import { apacheConfig } from './apache-config.ts';
import { findApache } from './find-apache.ts';

export interface WafOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, any free one. */
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Told of each request that was denied: what ModSecurity wrote. */
  readonly onDenied?: (denied: WafDenial) => void;
  /** Told when Apache ends unasked. */
  readonly onExit?: (detail: string) => void;
}

export interface WafDenial {
  readonly uri: string;
  /** Of the rule that denied; 949110 is the sum of the scores of others. */
  readonly ruleId: string;
  readonly message: string;
}

export interface Waf {
  /** Base URL that a gateway asks. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 4000;
/** Debian's nobody and nogroup. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Resolves when it judges. Throws CloverError `services.no_waf` when a part is missing or it does not start. */
export async function startWaf(options: WafOptions = {}): Promise<Waf> {
  const env = options.env ?? process.env;
  const found = findApache(env);
  if ('missing' in found)
    throw new CloverError(SERVICES_ERRORS.noWaf, found.missing, { status: 503 });
  const host = options.host ?? '127.0.0.1';
  const port = options.port || (await freePort(host));
  const folder = await mkdtemp(join(tmpdir(), 'clover-waf-'));
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  await chmod(folder, 0o711);
  await mkdir(join(folder, 'site'), { mode: 0o755 });
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  if (user) await chown(join(folder, 'data'), user.uid, user.gid);
  const config = join(folder, 'apache.conf');
  await writeFile(config, apacheConfig(found.parts, { host, port, folder, user }));
  const child = spawn(found.parts.program, ['-D', 'FOREGROUND', '-f', config], {
    env: { ...env, LANG: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = readLog(child, options.onDenied);
  let closing = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const close = async () => {
    closing = true;
    await endApache(child, ended);
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const state = await Promise.race([ended, ready(url)]);
  if (state !== 'ready') {
    await close();
    throw new CloverError(
      SERVICES_ERRORS.noWaf,
      `Apache did not start (${state}): ${log.last() || 'it said nothing'}`,
      { status: 503 },
    );
  }
  void ended.then((detail) => {
    if (!closing) options.onExit?.(detail);
  });
  return { url, port, close };
}

async function ready(url: string): Promise<string> {
  for (const until = performance.now() + READY_WITHIN_MS; performance.now() < until;) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(1000) }).then(
      async (response) => response.text().then(() => true),
      () => false,
    );
    if (answered) return 'ready';
    await sleep(50);
  }
  return `not ready within ${READY_WITHIN_MS / 1000} s`;
}

/** Keeps the last lines, and tells of those about a denied request. */
function readLog(child: ChildProcess, onDenied: WafOptions['onDenied']) {
  let rest = '';
  let last: string[] = [];
  const read = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!.slice(-65_536);
    last = [...last, ...lines].slice(-5);
    for (const line of lines) {
      if (!line.includes('ModSecurity: Access denied')) continue;
      const field = (name: string) => new RegExp(`\\[${name} "([^"]*)"\\]`).exec(line)?.[1] ?? '';
      onDenied?.({ uri: field('uri'), ruleId: field('id'), message: field('msg') });
    }
  };
  // The log comes by way of stdout; what is wrong with the configuration by stderr.
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', read);
  return { last: () => [...last, rest].join(' ').trim() };
}

async function endApache(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

/** Apache takes no port 0. Between this and its start another could take it; then it says so and ends. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

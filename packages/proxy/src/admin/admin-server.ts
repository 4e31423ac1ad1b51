// The data plane's own HTTP endpoint, as an operator knows it from Envoy's admin interface. Loopback only:
// it tells all about the mesh and asks nobody for a password.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { adminNotLoopback, listenFailed } from '../errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { clustersJson, clustersText, type AdminCluster } from './clusters-page.ts';

export interface AdminServerOptions {
  /** 127.0.0.1 by default; only loopback addresses are taken. */
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly telemetry: Telemetry;
  readonly clusters: () => Iterable<AdminCluster>;
  /** What is in force, for `/config_dump`. */
  readonly configDump: () => unknown;
  /** `name: address:port` of each listener, for `/listeners`. */
  readonly listeners: () => Iterable<{ readonly name: string; readonly address: string }>;
  /** False while starting and when draining: `/ready` answers 503. */
  readonly isReady: () => boolean;
  readonly version?: string;
  readonly now?: () => number;
}

export interface AdminServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

interface Page {
  readonly method: 'GET' | 'POST';
  readonly about: string;
  answer(response: http.ServerResponse, query: URLSearchParams): Promise<void> | void;
}

const TEXT = 'text/plain; charset=UTF-8';
/** Of Prometheus' text, between two turns of the event loop. */
const SLICE_BYTES = 65_536;

/** Throws `proxy.admin_not_loopback` or `proxy.listen_failed`. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host = '127.0.0.1', port, now = Date.now } = options;
  if (!isLoopback(host)) throw adminNotLoopback(host);
  const pages = createPages(options, now(), now);
  const server = http.createServer((request, response) => {
    void answer(pages, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(listenFailed({ address: host, port }, 'the admin endpoint', cause)),
    );
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  pages: ReadonlyMap<string, Page>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  request.resume();
  // A page of the web whose name was made to point here must not read it.
  if (!isLoopback(hostnameOf(request.headers.host ?? '')))
    return end(response, 403, 'only for loopback names\n');
  const url = new URL(request.url ?? '/', 'http://admin');
  const page = pages.get(url.pathname);
  if (page === undefined) return end(response, 404, 'no such page\n');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (page.method === 'GET' ? !isRead : request.method !== 'POST')
    return end(response, 405, `use ${page.method}\n`);
  await page.answer(response, url.searchParams);
}

function createPages(
  options: AdminServerOptions,
  startedMs: number,
  now: () => number,
): ReadonlyMap<string, Page> {
  const { telemetry, version = '0.1.0' } = options;
  const get = (about: string, answerPage: Page['answer']): Page => ({
    method: 'GET',
    about,
    answer: answerPage,
  });
  const json = (response: http.ServerResponse, value: unknown) =>
    end(response, 200, `${JSON.stringify(value, null, 1)}\n`, 'application/json');
  const uptime = () => Math.floor((now() - startedMs) / 1000);
  const state = () => (options.isReady() ? 'LIVE' : 'PRE_INITIALIZING');
  const pages = new Map<string, Page>([
    [
      '/ready',
      get('LIVE and 200, or 503', (response) =>
        end(response, options.isReady() ? 200 : 503, `${state()}\n`),
      ),
    ],
    [
      '/stats/prometheus',
      get('all counters for Prometheus', (response) =>
        sendSlowly(response, telemetry.prometheus()),
      ),
    ],
    [
      '/stats',
      get('what became of spans and log lines', (response) => json(response, telemetry.stats())),
    ],
    [
      '/server_info',
      get('version, state and uptime', (response) =>
        json(response, {
          version: `clover/${version}/node-${process.version}`,
          state: state(),
          uptime_current_epoch: `${uptime()}s`,
          uptime_all_epochs: `${uptime()}s`,
          hot_restart_version: 'disabled',
        }),
      ),
    ],
    [
      '/clusters',
      get('clusters and endpoints, ?format=json', (response, query) =>
        query.get('format') === 'json'
          ? json(response, clustersJson(options.clusters()))
          : end(response, 200, clustersText(options.clusters())),
      ),
    ],
    [
      '/listeners',
      get('name::address of each listener', (response) =>
        end(
          response,
          200,
          [...options.listeners()].map((l) => `${l.name}::${l.address}\n`).join(''),
        ),
      ),
    ],
    [
      '/config_dump',
      get('the configuration in force', (response) => json(response, options.configDump())),
    ],
    [
      '/reopen_logs',
      {
        method: 'POST',
        about: 'opens the access log again',
        async answer(response) {
          await telemetry.reopenLogs();
          end(response, 200, 'OK\n');
        },
      },
    ],
  ]);
  const index = [...pages]
    .map(([path, { method, about }]) => `${method.padEnd(5)}${path}: ${about}\n`)
    .join('');
  pages.set(
    '/',
    get('this list', (response) => end(response, 200, index)),
  );
  return pages;
}

/** A scrape of many thousand lines must not hold up a request: between slices the event loop turns. */
async function sendSlowly(response: http.ServerResponse, parts: Iterable<string>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  let slice = '';
  for (const part of parts) {
    slice += part;
    if (slice.length < SLICE_BYTES) continue;
    const isTaken = response.write(slice);
    slice = '';
    if (!isTaken) await drained(response);
    else await new Promise<void>((resolve) => setImmediate(resolve));
    if (response.destroyed) return;
  }
  response.end(slice);
}

function drained(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function end(response: http.ServerResponse, status: number, text: string, type = TEXT): void {
  response
    .writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
    .end(text);
}

function hostnameOf(authority: string): string {
  return authority.startsWith('[')
    ? authority.slice(1, authority.indexOf(']'))
    : authority.replace(/:\d+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

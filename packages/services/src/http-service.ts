// An HTTP service that traces and counts each request at the same place, so that spans and counters
// can only differ by what got lost on the way.
import { type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceConfig } from './config.ts';
import type { Counters } from './counters.ts';
import { countedPath } from './routes.ts';
import type { Telemetry } from './telemetry.ts';

/** One request with its body, and the span it is answered under. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly body: Buffer;
  readonly span: Span;
  readonly context: Context;
  /** Names the route for the span; call it before the answer ends. */
  setRoute(route: string): void;
}

export type Handler = (exchange: Exchange) => Promise<void>;

/** An upgrade request (WebSocket) and the socket that it came on. */
export interface UpgradeExchange {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request's head. */
  readonly head: Buffer;
  readonly path: string;
  readonly target: string;
  readonly context: Context;
}

/** Resolves with the status once the sockets are joined or an answer was written; the socket is its own to end. */
export type UpgradeHandler = (exchange: UpgradeExchange) => Promise<number>;

export interface HttpService {
  /** Where it listens now. */
  readonly port: number;
  /**
   * Stops listening for a while and comes back on the same port; answers under way are finished.
   * Rejects with AbortError when the service is closed meanwhile.
   */
  pause(forMs: number): Promise<void>;
  /** Listens on another port; answers under way on the old one are finished. Rejects, with nothing changed, when it is taken. */
  moveTo(port: number): Promise<void>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1 << 20;

/** Rejects when the port is taken. */
export async function createHttpService(
  config: Pick<ServiceConfig, 'name' | 'host' | 'port'>,
  parts: {
    telemetry: Telemetry;
    counters: Counters;
    handler: Handler;
    /** Without it an upgrade is answered as a plain request. */
    upgrade?: UpgradeHandler | undefined;
  },
): Promise<HttpService> {
  let paused = false;
  const ended = new AbortController();
  const leaving = new WeakSet<Server>();
  const upgraded = new Set<Duplex>();
  const create = () => {
    const one = createServer((request, response) => {
      if (paused || leaving.has(one)) response.setHeader('connection', 'close');
      void serve(request, response, config.name, parts);
    });
    one.keepAliveTimeout = 60_000;
    const { upgrade } = parts;
    if (upgrade)
      one.on('upgrade', (request, socket, head) => {
        upgraded.add(socket);
        socket.once('close', () => upgraded.delete(socket));
        void serveUpgrade({ request, socket, head }, { ...parts, upgrade });
      });
    return one;
  };
  let server = create();
  let port = await listen(server, config.host, config.port);
  return {
    get port() {
      return port;
    },
    async pause(forMs) {
      paused = true;
      server.close();
      await sleep(forMs, undefined, { signal: ended.signal });
      paused = false;
      await listen(server, config.host, port);
    },
    async moveTo(wanted) {
      const next = create();
      port = await listen(next, config.host, wanted);
      const before = server;
      server = next;
      leaving.add(before);
      if (before.listening) void closeServer(before);
    },
    async close() {
      ended.abort();
      for (const socket of upgraded) socket.destroy();
      if (!server.listening) return;
      await closeServer(server);
    },
  };
}

/** Stops listening and waits up to two seconds for answers under way. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), 2000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

/** Resolves with the port. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  service: string,
  { telemetry, counters, handler }: { telemetry: Telemetry; counters: Counters; handler: Handler },
): Promise<void> {
  const startMs = performance.now();
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const path = target.split('?', 1)[0]!;
  const parent = telemetry.extract(request.headers);
  const span = telemetry.tracer.startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: serverAttributes(request, path, target) },
    parent,
  );
  counters.active(1);
  response.once('close', () => {
    // 499 as nginx writes it: the caller went away before the answer.
    const status = response.writableFinished ? response.statusCode : 499;
    span.setAttribute('http.response.status_code', status);
    if (status >= 500) {
      span.setAttribute('error.type', String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    counters.active(-1);
    counters.request(
      { method, path: countedPath(path), status, userAgent: request.headers['user-agent'] ?? '' },
      (performance.now() - startMs) / 1000,
    );
  });
  try {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    await handler({
      request,
      response,
      method,
      path,
      target,
      body,
      span,
      context: trace.setSpan(parent, span),
      setRoute: (route) => {
        span.setAttribute('http.route', route);
        span.updateName(`${method} ${route}`);
      },
    });
  } catch (error) {
    if (error instanceof Error) span.recordException(error);
    if (response.headersSent) response.destroy();
    else
      response
        .writeHead(500, { 'content-type': 'text/plain' })
        .end(`${service}: ${String(error)}\n`);
  }
}

async function serveUpgrade(
  { request, socket, head }: Pick<UpgradeExchange, 'request' | 'socket' | 'head'>,
  {
    telemetry,
    counters,
    upgrade,
  }: { telemetry: Telemetry; counters: Counters; upgrade: UpgradeHandler },
): Promise<void> {
  const startMs = performance.now();
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const path = target.split('?', 1)[0]!;
  const parent = telemetry.extract(request.headers);
  const span = telemetry.tracer.startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: serverAttributes(request, path, target) },
    parent,
  );
  counters.active(1);
  socket.on('error', () => socket.destroy());
  const context = trace.setSpan(parent, span);
  const status = await upgrade({ request, socket, head, path, target, context }).catch(() => {
    socket.destroy();
    return 500;
  });
  // The span is about the handshake; what follows may last for days.
  span.setAttribute('http.response.status_code', status);
  span.end();
  counters.active(-1);
  counters.request(
    { method, path: countedPath(path), status, userAgent: request.headers['user-agent'] ?? '' },
    (performance.now() - startMs) / 1000,
  );
}

/** The body, or undefined when it is over the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function serverAttributes(request: IncomingMessage, path: string, target: string) {
  const [host = '', port] = (request.headers.host ?? '').split(':');
  const query = target.slice(path.length + 1);
  const forwarded = request.headers['x-forwarded-for'];
  const client = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',', 1)[0]?.trim();
  const userAgent = request.headers['user-agent'];
  return {
    'http.request.method': request.method ?? 'GET',
    'url.scheme': 'http',
    'url.path': path,
    ...(query === '' ? {} : { 'url.query': query }),
    'server.address': host,
    ...(port === undefined ? {} : { 'server.port': Number(port) }),
    'client.address': client ?? request.socket.remoteAddress ?? '',
    'network.peer.address': request.socket.remoteAddress ?? '',
    'network.peer.port': request.socket.remotePort ?? 0,
    'network.protocol.name': 'http',
    'network.protocol.version': request.httpVersion,
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent }),
  };
}

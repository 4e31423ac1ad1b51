// An HTTP server of a receiver: binds, answers, and ends in good order.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CloverError } from '@clover/model';
import type { SourceSnapshot } from '../source-meter.ts';

export interface Receiver {
  /** Binds. Throws CloverError `collector.address_in_use` or the system's error. */
  start(): Promise<void>;
  /** `http://host:port` or `host:port`; empty before start(). */
  address(): string;
  stats(): SourceSnapshot;
  /** Accepts no more, finishes what was begun, at most `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 is any free port. */
  readonly port: number;
  /** PEM files; without them the connection is plain. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Why a caller with this Authorization header may not send (status 401, 403 or 429); everybody may without it. */
  readonly authorize?: Authorize | undefined;
}

export type Authorize = (authorization: string | undefined) => Promise<CloverError | undefined>;

export interface HttpListener {
  start(): Promise<void>;
  address(): string;
  close(graceMs?: number): Promise<void>;
}

/** `handle` answers every request itself; what it throws is a bug and is answered with 500. */
export function createHttpListener(
  listen: ListenOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): HttpListener {
  const host = listen.host ?? '127.0.0.1';
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`internal error: ${error instanceof Error ? error.message : String(error)}\n`);
    });
  };
  const server = listen.tls
    ? createTlsServer(
        { cert: readFileSync(listen.tls.certFile), key: readFileSync(listen.tls.keyFile) },
        serve,
      )
    : createServer(serve);
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 75_000;
  return {
    start: () => listening(server, host, listen.port),
    address() {
      const bound = server.address() as AddressInfo | null;
      if (bound === null) return '';
      const scheme = listen.tls ? 'https' : 'http';
      return `${scheme}://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
    },
    close: (graceMs = 5000) => closed(server, graceMs),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** The error of a bind as a person can act on it. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new CloverError('collector.address_in_use', `${host}:${port} is in use`, {
    hint: 'end the other program or choose another port; 0 takes any free one',
    status: 500,
    cause: error,
  });
}

function closed(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection kept alive falls idle only after its last answer.
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Answers and, for an error, lets go of a body that nobody will read. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Uint8Array | string = '',
): void {
  if (!request.complete) {
    request.resume();
    response.setHeader('connection', 'close');
  }
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

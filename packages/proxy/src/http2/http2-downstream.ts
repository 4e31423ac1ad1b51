// A client's connection that speaks HTTP/2: each stream is an exchange of its own.

import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { HEAD_LIMITS, LENGTH, RequestHead } from '../codec/head.ts';
import { HeaderList } from '../codec/header-list.ts';
import type { ConnectionLimits } from '../downstream/connection-limits.ts';
import { Exchange } from '../exchange/exchange.ts';
import { targetOf } from '../exchange/prepare-request.ts';
import type { Scope } from '../exchange/scope.ts';
import type { AnswerHead, DownstreamStream } from '../exchange/streams.ts';
import type { Peer } from '../request-record.ts';
import { addHeaders, listOf } from './header-object.ts';

export interface Http2Host {
  readonly scope: Scope;
  readonly limits: ConnectionLimits;
  peerOf(remote: string, principal: string): Peer | undefined;
  onClosed(connection: Http2Downstream): void;
}

export interface ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly remote: string;
  readonly remoteAddress: string;
  readonly local: string;
  readonly peer: Peer | undefined;
  readonly serverName: string;
}

const SETTINGS = { maxConcurrentStreams: 1000, maxHeaderListSize: HEAD_LIMITS.maxBytes };

export class Http2Downstream {
  readonly #session: ServerHttp2Session;

  /** Takes a socket whose first bytes are still to be read. */
  constructor(socket: Socket, host: Http2Host, facts: ConnectionFacts) {
    const session = performServerHandshake(socket, {
      settings: SETTINGS,
      maxHeaderListPairs: HEAD_LIMITS.maxHeaders + 8,
    });
    this.#session = session;
    session.on('stream', (stream, headers, flags) => {
      const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      new Http2Request(stream, host, facts).start(headers, ended);
    });
    session.on('error', () => {});
    session.on('close', () => host.onClosed(this));
    session.setTimeout(host.limits.connectionIdleTimeoutMs, () => session.close());
  }

  /** Takes no new streams; those under way are answered. */
  drain(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** The session keeps its own time. */
  tick(): void {}
}

class Http2Request implements DownstreamStream {
  readonly protocol = 'HTTP/2';
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string;
  readonly remote: string;
  readonly local: string;
  readonly #stream: ServerHttp2Stream;
  readonly #host: Http2Host;
  readonly #facts: ConnectionFacts;
  #exchange: Exchange | undefined = undefined;
  #trailersIn: HeaderList | undefined = undefined;
  #trailersOut: HeaderList | undefined = undefined;

  constructor(stream: ServerHttp2Stream, host: Http2Host, facts: ConnectionFacts) {
    this.#stream = stream;
    this.#host = host;
    this.#facts = facts;
    this.scheme = facts.scheme;
    this.remoteAddress = facts.remoteAddress;
    this.remote = facts.remote;
    this.local = facts.local;
  }

  get peer(): Peer | undefined {
    return this.#facts.peer ?? this.#host.peerOf(this.remote, '');
  }

  get serverName(): string {
    return this.#facts.serverName;
  }

  start(headers: IncomingHttpHeaders, ended: boolean): void {
    const stream = this.#stream;
    stream.on('error', () => {});
    stream.once('close', () => this.#onGone());
    const head = requestHead(headers, ended);
    const target = targetOf(head);
    if (head.method === 'CONNECT' || target === undefined || target.path.includes('#')) {
      stream.respond({ ':status': head.method === 'CONNECT' ? 404 : 400 }, { endStream: true });
      return;
    }
    const exchange = new Exchange(this, this.#host.scope, head, target);
    this.#exchange = exchange;
    stream.setTimeout(this.#host.limits.streamIdleTimeoutMs, () => this.#exchange?.onIdleTimeout());
    stream.on('drain', () => exchange.onDownstreamDrain());
    if (!ended) {
      stream.on('data', (chunk: Buffer) => this.#exchange?.onRequestChunk(chunk));
      stream.on('trailers', (trailers) => (this.#trailersIn = listOf(trailers, NONE)));
      stream.on('end', () => this.#exchange?.onRequestEnd(this.#trailersIn));
    }
    stream.on('wantTrailers', () =>
      stream.sendTrailers(addHeaders({}, this.#trailersOut ?? EMPTY)),
    );
    exchange.start();
  }

  sendContinue(): void {
    this.#stream.additionalHeaders({ ':status': 100 });
  }

  sendHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return true;
    const headers = addHeaders({ ':status': head.status }, head.headers);
    const length = head.bodyLength > 0 ? head.bodyLength : head.declaredLength;
    if (length > 0) headers['content-length'] = length;
    const bare = body === undefined || body.length === 0;
    stream.respond(headers, { endStream: end && bare, waitForTrailers: !end });
    if (end) {
      this.#exchange = undefined;
      if (!bare) stream.end(body);
      return true;
    }
    return bare ? true : stream.write(body);
  }

  sendChunk(chunk: Buffer): boolean {
    return this.#stream.destroyed ? true : this.#stream.write(chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#exchange = undefined;
    this.#trailersOut = trailers;
    if (!this.#stream.destroyed) this.#stream.end();
  }

  reset(): void {
    this.#exchange = undefined;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  #onGone(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.onDownstreamGone('http2.remote_reset');
  }
}

const EMPTY = new HeaderList();
const NONE: ReadonlySet<string> = new Set();
const FRAMING: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'te',
  'expect',
  'connection',
]);

function requestHead(headers: IncomingHttpHeaders, ended: boolean): RequestHead {
  const head = new RequestHead();
  head.method = headers[':method'] ?? '';
  head.target = headers[':path'] ?? '';
  head.host = headers[':authority'] ?? headers.host;
  head.takesTrailers = String(headers['te'] ?? '').includes('trailers');
  head.expectsContinue = headers.expect === '100-continue';
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!ended) head.bodyLength = length > 0 ? length : LENGTH.chunked;
  const list = listOf(headers, FRAMING);
  for (let i = 0; i < list.length; i++) head.headers.add(list.names[i]!, list.values[i]!);
  return head;
}

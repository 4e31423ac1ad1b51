// A client's connection that speaks HTTP/2: each stream is an exchange of its own.

import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { tellBug } from '../bug.ts';
import { isBodyless } from '../codec/bodyless.ts';
import { HEAD_LIMITS } from '../codec/head.ts';
import { HeaderList } from '../codec/header-list.ts';
import { WEBSOCKET_ACCEPT, WEBSOCKET_KEY } from '../codec/websocket-key.ts';
import type { ConnectionLimits } from '../downstream/connection-limits.ts';
import { Exchange } from '../exchange/exchange.ts';
import { targetOf } from '../exchange/prepare-request.ts';
import type { Scope } from '../exchange/scope.ts';
import type { AnswerHead, DownstreamStream } from '../exchange/streams.ts';
import type { Peer } from '../request-record.ts';
import { addHeaders, headerObject, listOf } from './header-object.ts';
import { requestHead } from './request-head.ts';
import { SESSION_OPTIONS } from './session-options.ts';

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
  /** See `DownstreamStream`. */
  readonly certificate: string;
}

const SETTINGS = {
  maxConcurrentStreams: 1000,
  maxHeaderListSize: HEAD_LIMITS.maxBytes,
  /** Web sockets by extended CONNECT (RFC 8441). */
  enableConnectProtocol: true,
};

export class Http2Downstream {
  readonly #session: ServerHttp2Session;
  readonly #host: Http2Host;
  readonly #requests = new Set<Http2Request>();
  /** No stream has come yet. */
  #fresh = true;
  /** Since when there is no stream; pings do not count as use. */
  #idleSinceMs: number;
  #closing = false;
  /** Bytes of answers that the client has not taken, as counted last. */
  #unsent = 0;

  /** Takes a socket whose first bytes are still to be read. */
  constructor(socket: Socket, host: Http2Host, facts: ConnectionFacts) {
    const session = performServerHandshake(socket, { ...SESSION_OPTIONS, settings: SETTINGS });
    this.#session = session;
    this.#host = host;
    this.#idleSinceMs = host.scope.options.now();
    session.on('stream', (stream, headers, flags) => {
      this.#fresh = false;
      const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      const request = new Http2Request(stream, host, facts);
      this.#requests.add(request);
      stream.once('close', () => {
        this.#requests.delete(request);
        this.#idleSinceMs = host.scope.options.now();
      });
      request.start(headers, ended);
    });
    session.on('error', () => {});
    session.on('close', () => {
      this.#count(0);
      host.onClosed(this);
    });
  }

  /** Takes no new streams; those under way are answered. */
  drain(): void {
    this.#closing = true;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  tick(nowMs: number): void {
    const { limits, scope } = this.#host;
    let unsent = 0;
    for (const request of this.#requests) {
      request.tick(nowMs);
      unsent += request.unsent;
    }
    this.#count(unsent);
    if (scope.options.load.isFull) for (const request of this.#requests) request.makeRoom(nowMs);
    if (this.#requests.size > 0) return;
    const idleMs = nowMs - this.#idleSinceMs;
    if (this.#closing) {
      if (idleMs > limits.delayedCloseTimeoutMs) this.#session.destroy();
    } else if (
      idleMs > (this.#fresh ? limits.firstRequestTimeoutMs : limits.connectionIdleTimeoutMs)
    ) {
      this.#idleSinceMs = nowMs;
      this.drain();
    }
  }

  #count(unsent: number): void {
    this.#host.scope.options.load.bufferedBytes += unsent - this.#unsent;
    this.#unsent = unsent;
  }
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
  #method = '';
  /**
   * Of the last byte in either direction. Counted here: to node:http2 a ping is as good as a byte of each of
   * the session's streams.
   */
  #activeMs: number;
  /** Said, or to be said no more: what the client does not take or end is cut off after a while. */
  #isOver = false;
  /** A web socket asks for it, with no key of its own when it knows only HTTP/2. */
  #upgrade: 'none' | 'keyless' | 'keyed' = 'none';
  /** The answer has no body, or the stream has no use for it. */
  #bodyless = false;
  #trailersIn: HeaderList | undefined = undefined;
  #trailersOut: HeaderList | undefined = undefined;

  constructor(stream: ServerHttp2Stream, host: Http2Host, facts: ConnectionFacts) {
    this.#stream = stream;
    this.#host = host;
    this.#facts = facts;
    this.#activeMs = host.scope.options.now();
    this.scheme = facts.scheme;
    this.remoteAddress = facts.remoteAddress;
    this.remote = facts.remote;
    this.local = facts.local;
  }

  get certificate(): string {
    return this.#facts.certificate;
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
    this.#guard(() => this.#begin(headers, ended));
  }

  sendContinue(): void {
    if (this.#isOpen) this.#guard(() => this.#stream.additionalHeaders({ ':status': 100 }));
  }

  sendHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean {
    return this.#guard(() => this.#sendHead(head, body, end));
  }

  sendChunk(chunk: Buffer): boolean {
    const stream = this.#stream;
    if (this.#bodyless || stream.destroyed || stream.writableEnded) return true;
    this.#touch();
    return stream.write(chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#exchange = undefined;
    this.#trailersOut = trailers;
    this.#touch();
    if (!this.#stream.destroyed) this.#stream.end();
    if (this.#upgrade !== 'none') this.#isOver = true;
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

  get unsent(): number {
    return this.#stream.writableLength;
  }

  /** Memory is short: a client that has not read for a while loses what waits for it. */
  makeRoom(nowMs: number): void {
    const { limits, scope } = this.#host;
    if (this.unsent === 0 || nowMs - this.#activeMs <= limits.delayedCloseTimeoutMs) return;
    scope.options.load.answersCut++;
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  tick(nowMs: number): void {
    const { limits } = this.#host;
    const idleMs = nowMs - this.#activeMs;
    if (this.#isOver) {
      // What the client does not take is not kept for it.
      if (idleMs > limits.delayedCloseTimeoutMs) this.#stream.close(constants.NGHTTP2_CANCEL);
    } else if (idleMs > limits.streamIdleTimeoutMs) {
      this.#guard(() => this.#exchange?.onIdleTimeout());
      this.#isOver = true;
      this.#activeMs = nowMs;
    }
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #begin(headers: IncomingHttpHeaders, ended: boolean): void {
    const stream = this.#stream;
    const head = requestHead(headers, ended);
    this.#method = head.method;
    if (head.method === 'CONNECT') return this.#refuse(404);
    if (head.upgrade !== '') {
      if (head.upgrade !== 'websocket') return this.#refuse(403);
      this.#host.scope.meter?.count('downstream_cx_upgrades_total');
      this.#upgrade = head.headers.has(WEBSOCKET_KEY) ? 'keyed' : 'keyless';
    }
    const target = PATH.test(head.target) ? targetOf(head) : undefined;
    if (target === undefined) return this.#refuse(400);
    const exchange = new Exchange(this, this.#host.scope, head, target);
    this.#exchange = exchange;
    stream.on('drain', () => {
      this.#touch();
      this.#guard(() => exchange.onDownstreamDrain());
    });
    if (!ended) {
      stream.on('data', (chunk: Buffer) => {
        if (!this.#isOver) this.#touch();
        this.#guard(() => this.#exchange?.onRequestChunk(chunk));
      });
      stream.on('trailers', (trailers) => (this.#trailersIn = listOf(trailers)));
      stream.on('end', () => this.#guard(() => this.#exchange?.onRequestEnd(this.#trailersIn)));
    }
    stream.on('wantTrailers', () =>
      this.#guard(() => {
        if (this.#isOpen)
          stream.sendTrailers(addHeaders(headerObject({}), this.#trailersOut ?? EMPTY));
      }),
    );
    exchange.start();
    // Of other requests the head says that there is no more.
    if (ended && head.upgrade !== '') exchange.onRequestEnd(undefined);
  }

  #sendHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean {
    if (end) {
      this.#exchange = undefined;
      // Whoever wanted a web socket has no reason to end what it sends.
      if (this.#upgrade !== 'none') this.#isOver = true;
    }
    if (!this.#isOpen) return true;
    this.#touch();
    const stream = this.#stream;
    if (head.upgrade !== '') return this.#sendUpgraded(head, body);
    const status = head.status > MAX_STATUS ? 502 : head.status;
    this.#bodyless = isBodyless(this.#method, status) || status === 205;
    const headers = addHeaders(headerObject({ ':status': status }), head.headers);
    const length = head.bodyLength > 0 ? head.bodyLength : head.declaredLength;
    if (length > 0 && status !== 204 && status !== 205) headers['content-length'] = length;
    const bare = this.#bodyless || body === undefined || body.length === 0;
    const endStream = this.#bodyless || (end && bare);
    stream.respond(headers, { endStream, waitForTrailers: !end && !endStream });
    if (end && !bare) stream.end(body);
    return end || bare ? true : stream.write(body);
  }

  /** What is 101 in HTTP/1.1 is 200 here; nothing but data follows, no trailers either (RFC 9113 §8.5). */
  #sendUpgraded({ headers }: AnswerHead, body: Buffer | undefined): boolean {
    const sent = addHeaders(headerObject({ ':status': 200 }), headers);
    if (this.#upgrade === 'keyless') delete sent[WEBSOCKET_ACCEPT];
    this.#stream.respond(sent);
    return body === undefined || body.length === 0 ? true : this.#stream.write(body);
  }

  /** An answer to what never became a request. */
  #refuse(status: number): void {
    this.#isOver = true;
    if (this.#isOpen) this.#stream.respond({ ':status': status }, { endStream: true });
  }

  #touch(): void {
    this.#activeMs = this.#host.scope.options.now();
  }

  /** What goes wrong with a stream ends this stream, and no other. */
  #guard<Result>(act: () => Result): Result | true {
    try {
      return act();
    } catch (error) {
      if (this.#isOpen) tellBug(error);
      this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      return true;
    }
  }

  #onGone(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.onDownstreamGone('http2.remote_reset');
  }
}

const EMPTY = new HeaderList();
/** HTTP/2 knows no other (RFC 9110 §15); what an HTTP/1 server made up is a bad gateway's answer. */
const MAX_STATUS = 599;
/** Printable ASCII, as HTTP/1 has it, and never in absolute form: the authority stands elsewhere. */
const PATH = /^[/*][!-~]*$/;

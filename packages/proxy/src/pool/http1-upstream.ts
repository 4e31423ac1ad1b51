// A connection to an endpoint that carries one request after the other.

import type { Socket } from 'node:net';
import { tellBug } from '../bug.ts';
import { BodyReader } from '../codec/body-reader.ts';
import { HEAD_LIMITS, LENGTH, ResponseHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { INCOMPLETE, parseResponseHead } from '../codec/parse-head.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { framedChunk, headerLines, lastChunk, withBody } from '../codec/write-head.ts';
import { newWebSocketKey, WEBSOCKET_KEY } from '../codec/websocket-key.ts';
import { flushWrites, writeSoon } from '../codec/write-soon.ts';
import type { UpstreamHandler, UpstreamRequest, UpstreamStream } from '../exchange/streams.ts';

/** What a connection tells the pool that it belongs to. */
export interface Http1Owner {
  /** The connection can carry another request. */
  onIdle(connection: Http1Upstream): void;
  onClosed(connection: Http1Upstream): void;
}

const STATE = { idle: 0, head: 1, body: 2, tunnel: 3 } as const;
/** More than this and the head is copied into one piece with the body no longer. */
const JOIN_BYTES = 16_384;

export class Http1Upstream implements UpstreamStream {
  readonly local: string;
  reused = false;
  /** Requests carried so far. */
  served = 0;
  idleSinceMs = 0;
  readonly #socket: Socket;
  readonly #owner: Http1Owner;
  #handler: UpstreamHandler | undefined = undefined;
  #state: number = STATE.idle;
  #method = '';
  #chunkedOut = false;
  #sent = true;
  #upgrade = '';
  #keep = true;
  #closed = false;
  #held: Buffer | undefined = undefined;
  readonly #reader = new BodyReader(HEAD_LIMITS);

  /** Takes a socket that is connected. */
  constructor(socket: Socket, owner: Http1Owner) {
    this.#socket = socket;
    this.#owner = owner;
    this.local = `${socket.localAddress}:${socket.localPort}`;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose());
    socket.on('drain', () => this.#handler?.onUpstreamDrain());
  }

  get closed(): boolean {
    return this.#closed || this.#socket.destroyed;
  }

  get busy(): boolean {
    return this.#handler !== undefined;
  }

  /** Begins a request: the handler is told of its answer. */
  begin(handler: UpstreamHandler): void {
    this.#handler = handler;
    this.#state = STATE.head;
    this.#keep = true;
    this.reused = this.served++ > 0;
  }

  send(request: UpstreamRequest, body: Buffer | undefined, end: boolean): boolean {
    const { method, bodyLength, upgrade } = request;
    this.#method = method;
    this.#upgrade = upgrade;
    this.#chunkedOut = bodyLength === LENGTH.chunked;
    this.#sent = end;
    let head = `${method} ${request.path} HTTP/1.1\r\nhost: ${request.authority}\r\n${headerLines(request.headers)}`;
    if (upgrade !== '') head += upgradeLines(request);
    if (request.takesTrailers) head += 'te: trailers\r\n';
    if (this.#chunkedOut) head += 'transfer-encoding: chunked\r\n\r\n';
    else if (bodyLength > 0) head += `content-length: ${bodyLength}\r\n\r\n`;
    else head += expectsBody(method) ? 'content-length: 0\r\n\r\n' : '\r\n';
    if (end && bodyLength === 0) {
      writeSoon(this.#socket, head);
      return true;
    }
    flushWrites();
    if (body === undefined || body.length === 0) {
      const more = this.#socket.write(head, 'latin1');
      return end && this.#chunkedOut ? this.#socket.write(lastChunk(undefined)) : more;
    }
    if (!this.#chunkedOut && body.length <= JOIN_BYTES)
      return this.#socket.write(withBody(head, body));
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    const more = this.sendChunk(body);
    if (end) this.sendEnd(undefined);
    this.#socket.uncork();
    return more;
  }

  sendChunk(chunk: Buffer): boolean {
    if (chunk.length === 0) return true;
    return this.#socket.write(this.#chunkedOut ? framedChunk(chunk) : chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#sent = true;
    if (this.#state === STATE.tunnel) this.#socket.end();
    else if (this.#chunkedOut) this.#socket.write(lastChunk(trailers), 'latin1');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  cancel(): void {
    this.#handler = undefined;
    this.#socket.destroy();
  }

  /** Ends an idle connection. */
  close(): void {
    this.#socket.destroy();
  }

  onBodyChunk(chunk: Buffer): void {
    this.#handler?.onResponseChunk(chunk);
  }

  #onData(bytes: Buffer): void {
    const handler = this.#handler;
    if (handler === undefined) {
      // Nobody asked: what comes now could be taken for the answer to the next request.
      this.#socket.destroy();
      return;
    }
    try {
      if (this.#state === STATE.head) this.#readHead(bytes);
      else if (this.#state === STATE.tunnel) handler.onResponseChunk(bytes);
      else this.#readBody(bytes, 0);
    } catch (error) {
      if (error instanceof ProtocolError) this.#fail('protocol', error.message);
      else this.#onBug(error, handler);
    }
  }

  /** Whoever waits for the answer is told, though it may be complete as far as this connection knows. */
  #onBug(error: unknown, handler: UpstreamHandler): void {
    tellBug(error);
    this.#handler = undefined;
    this.#socket.destroy();
    handler.onUpstreamFailure({ reason: 'reset', detail: '' });
  }

  #readHead(chunk: Buffer): void {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = undefined;
    let at = 0;
    for (;;) {
      const head = new ResponseHead();
      const next = parseResponseHead(head, bytes, at, bytes.length, {
        limits: HEAD_LIMITS,
        method: this.#method,
      });
      if (next === INCOMPLETE) {
        this.#held = at === 0 ? bytes : bytes.subarray(at);
        return;
      }
      at = next;
      if (head.status >= 200 || head.status === 101) {
        this.#takeHead(head, bytes, at);
        return;
      }
      // Other interim answers are for this hop: the client has had its 100 already.
      if (at === bytes.length) return;
    }
  }

  #takeHead(head: ResponseHead, bytes: Buffer, at: number): void {
    const handler = this.#handler!;
    if (head.status === 101) {
      if (this.#upgrade === '' || head.upgrade !== this.#upgrade)
        return this.#fail('protocol', 'unasked upgrade');
      this.#state = STATE.tunnel;
      this.#keep = false;
      this.#chunkedOut = false;
      handler.onResponseHead(head, at < bytes.length ? bytes.subarray(at) : undefined, false);
      return;
    }
    // Where a web socket was to follow and did not, nobody can say what the server still expects.
    this.#keep = head.keepAlive && head.bodyLength !== LENGTH.untilClose && this.#upgrade === '';
    const length = head.bodyLength;
    if (length === 0) {
      this.#finish(at === bytes.length);
      handler.onResponseHead(head, undefined, true);
    } else if (length > 0 && bytes.length - at >= length) {
      this.#finish(at + length === bytes.length);
      handler.onResponseHead(head, bytes.subarray(at, at + length), true);
    } else {
      this.#reader.start(length);
      this.#state = STATE.body;
      handler.onResponseHead(head, undefined, false);
      if (at < bytes.length && this.#handler === handler) this.#readBody(bytes, at);
    }
  }

  #readBody(bytes: Buffer, start: number): void {
    const handler = this.#handler!;
    const next = this.#reader.read(bytes, start, bytes.length, this);
    if (!this.#reader.done || this.#handler !== handler) return;
    const { trailers } = this.#reader;
    this.#finish(next === bytes.length);
    handler.onResponseEnd(trailers);
  }

  /** The answer is complete: first the connection is free again, then its last words are handed on. */
  #finish(clean: boolean): void {
    this.#handler = undefined;
    this.#state = STATE.idle;
    // Its last chunk may have been too much for a slow client: that must not hold back the next answer.
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#keep && clean && this.#sent && !this.#socket.destroyed) {
      this.#owner.onIdle(this);
    } else this.#socket.destroy();
  }

  #onEnd(): void {
    const handler = this.#handler;
    if (handler !== undefined && this.#state === STATE.tunnel) {
      this.#handler = undefined;
      handler.onResponseEnd(undefined);
    } else if (handler !== undefined && this.#state === STATE.body && this.#reader.finish()) {
      this.#handler = undefined;
      handler.onResponseEnd(undefined);
    }
    this.#socket.destroy();
  }

  #onClose(): void {
    this.#closed = true;
    this.#owner.onClosed(this);
    this.#fail('reset', '');
  }

  #fail(reason: 'protocol' | 'reset', detail: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    if (!this.#socket.destroyed) this.#socket.destroy();
    handler?.onUpstreamFailure({ reason, detail });
  }
}

/** A client that speaks HTTP/2 has no key, and a server of HTTP/1.1 wants one. */
function upgradeLines({ upgrade, headers }: UpstreamRequest): string {
  const key = headers.has(WEBSOCKET_KEY) ? '' : `${WEBSOCKET_KEY}: ${newWebSocketKey()}\r\n`;
  return `${key}connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
}

const expectsBody = (method: string) => method === 'POST' || method === 'PUT' || method === 'PATCH';

/* oxlint-disable max-lines -- one connection is one machine of states: apart they would say less */
// A client's connection that speaks HTTP/1.1: one request after the other, pipelined ones wait.

import type { Socket } from 'node:net';
import { tellBug } from '../bug.ts';
import { BodyReader } from '../codec/body-reader.ts';
import { HEAD_LIMITS, RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { INCOMPLETE, parseRequestHead } from '../codec/parse-head.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { flushWrites, writeSoon } from '../codec/write-soon.ts';
import { Exchange } from '../exchange/exchange.ts';
import { targetOf } from '../exchange/prepare-request.ts';
import type { AnswerHead, DownstreamStream } from '../exchange/streams.ts';
import type { Peer } from '../request-record.ts';
import { Http1Answer } from './http1-answer.ts';
import type { ClientFacts, Http1Host } from './http1-host.ts';
import { plainAddress } from './plain-address.ts';
import { serverNameOf } from './server-name.ts';
import { refusal } from './refusal.ts';
import { wantedUpgrade } from './wanted-upgrade.ts';

const STATE = { head: 0, body: 1, waiting: 2, tunnel: 3, closing: 4 } as const;
/** So much of a body that nobody wants is read to keep the connection. */
const DISCARD_BYTES = 262_144;
/** So many answers may wait to be written before it is looked whether the client takes them. */
const UNWRITTEN = 16;
const NOTHING = Buffer.alloc(0);
/** How a client begins that knows beforehand (RFC 9113 §3.4). */
const HTTP2 = 'PRI * HTTP/2.0';

export class Http1Downstream implements DownstreamStream {
  readonly protocol = 'HTTP/1.1';
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string;
  readonly remote: string;
  readonly local: string;
  readonly certificate: string;
  readonly #principal: string;
  #peer: Peer | undefined = undefined;
  /** Of the last byte in either direction. */
  #activeMs: number;
  readonly #socket: Socket;
  readonly #host: Http1Host;
  readonly #answer: Http1Answer;
  readonly #reader = new BodyReader(HEAD_LIMITS);
  readonly #listeners: readonly (readonly [string, (chunk: Buffer) => void])[] = [
    ['data', (chunk) => this.#onData(chunk)],
    ['end', () => this.#onEnd()],
    ['error', () => {}],
    ['close', () => this.#onClose()],
    ['drain', () => this.#onDrain()],
  ];
  #state: number = STATE.head;
  #exchange: Exchange | undefined = undefined;
  /** A request has come. */
  #served = false;
  #held: Buffer = NOTHING;
  #headSinceMs = 0;
  #processing = false;
  #gone = false;
  #discarded = 0;
  #discardSinceMs = 0;
  #fresh = true;
  /** Requests begun in this turn since what is to be written was last handed to the socket. */
  #unwritten = 0;
  /** Answers pile up that the client does not read: no other request begins. */
  #blocked = false;

  constructor(socket: Socket, host: Http1Host, client: ClientFacts) {
    this.#principal = client.principal;
    this.certificate = client.certificate;
    this.#socket = socket;
    this.#host = host;
    this.#answer = new Http1Answer(socket);
    this.scheme = client.scheme;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '');
    this.remote = `${this.remoteAddress}:${socket.remotePort}`;
    this.local = `${plainAddress(socket.localAddress ?? '')}:${socket.localPort}`;
    this.#activeMs = host.scope.options.now();
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
  }

  /** Asked for when there is a request: by then the other end, if it is here, has said whose it is. */
  get peer(): Peer | undefined {
    return (this.#peer ??= this.#host.peerOf(this.remote, this.#principal));
  }

  get serverName(): string {
    return serverNameOf(this.#socket);
  }

  sendContinue(): void {
    flushWrites();
    this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
  }

  sendHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean {
    this.#touch();
    if (this.#host.draining) this.#answer.keep = false;
    if (head.upgrade !== '') this.#state = STATE.tunnel;
    const more = this.#answer.writeHead(head, body, end);
    if (end) this.sendEnd(undefined);
    else if (head.upgrade !== '') this.#next();
    return more;
  }

  sendChunk(chunk: Buffer): boolean {
    this.#touch();
    return this.#answer.writeChunk(chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#answer.writeEnd(trailers);
    this.#exchange = undefined;
    if (this.#state === STATE.tunnel || !this.#answer.keep) this.#close();
    else if (this.#state === STATE.body) {
      // The answer came before the request was complete: the rest is read and thrown away.
      this.#discarded = 0;
      this.#discardSinceMs = this.#activeMs;
      this.#socket.resume();
    } else {
      this.#state = STATE.head;
      if (!this.#processing) this.#next();
      else if (this.#socket.isPaused()) this.#socket.resume();
    }
  }

  reset(): void {
    this.#exchange = undefined;
    this.#state = STATE.closing;
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#blocked) return;
    if (this.#state !== STATE.waiting || this.#held.length === 0) this.#socket.resume();
  }

  onBodyChunk(chunk: Buffer): void {
    if (this.#exchange !== undefined) this.#exchange.onRequestChunk(chunk);
    else if ((this.#discarded += chunk.length) > DISCARD_BYTES) this.#close();
  }

  /** Looks at the clock: to be called every second or so. */
  tick(nowMs: number): void {
    const { limits } = this.#host;
    const idleMs = nowMs - this.#activeMs;
    if (this.#state === STATE.closing) {
      if (idleMs > limits.delayedCloseTimeoutMs) this.#socket.destroy();
    } else if (this.#exchange !== undefined) {
      if (idleMs <= limits.streamIdleTimeoutMs) return;
      this.#answer.keep = false;
      this.#guard(() => this.#exchange?.onIdleTimeout());
    } else if (this.#blocked) {
      if (idleMs > limits.streamIdleTimeoutMs) this.#socket.destroy();
    } else if (this.#state === STATE.body) {
      if (nowMs - this.#discardSinceMs > limits.discardTimeoutMs) this.#close();
    } else if (this.#held.length > 0) {
      if (nowMs - this.#headSinceMs > limits.requestHeadTimeoutMs)
        this.#refuse(408, 'request header timeout');
    } else {
      if (idleMs > (this.#served ? limits.connectionIdleTimeoutMs : limits.firstRequestTimeoutMs))
        this.#close();
    }
  }

  /** The listener ends: an idle connection closes now, a busy one after its answer. */
  drain(): void {
    if (this.#state === STATE.head && this.#held.length === 0) this.#close();
    else this.#answer.keep = false;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#fresh) {
      this.#fresh = false;
      if (chunk[0] === 0x50 && chunk.toString('latin1', 0, HTTP2.length) === HTTP2) {
        this.#giveUp(chunk);
        return;
      }
    }
    this.#activeMs = this.#host.scope.options.now();
    if (this.#state === STATE.tunnel) this.#guard(() => this.#exchange?.onRequestChunk(chunk));
    else if (this.#state !== STATE.closing) this.#process(chunk);
  }

  #onDrain(): void {
    this.#guard(() => this.#exchange?.onDownstreamDrain());
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#next();
  }

  #onClose(): void {
    this.#guard(() => this.#onGone());
    this.#host.onClosed(this);
  }

  #giveUp(chunk: Buffer): void {
    const socket = this.#socket;
    this.#letGo();
    socket.pause();
    socket.unshift(chunk);
    this.#host.switchToHttp2(this, socket);
  }

  /** Goes on with what was held back while a request was under way. */
  #next(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = NOTHING;
    this.#process(held);
  }

  #process(chunk: Buffer): void {
    this.#processing = true;
    this.#unwritten = 0;
    try {
      this.#read(chunk);
    } catch (error) {
      if (error instanceof ProtocolError) this.#guard(() => this.#onProtocolError(error));
      else this.#onBug(error);
    } finally {
      this.#processing = false;
    }
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#onBug(error);
    }
  }

  /** What goes wrong with a connection ends this one, and no other. */
  #onBug(error: unknown): void {
    tellBug(error);
    this.#state = STATE.closing;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let bytes = chunk;
    let at = 0;
    for (;;) {
      if (this.#state === STATE.head) {
        if (at === bytes.length && this.#held.length === 0) return;
        if (this.#isSlowReader()) {
          const rest = at === 0 ? bytes : bytes.subarray(at);
          this.#held = this.#held.length === 0 ? rest : Buffer.concat([this.#held, rest]);
          this.#blocked = true;
          this.#socket.pause();
          return;
        }
        if (this.#held.length > 0) {
          // A head is looked at again only when a line of it ended.
          const ended = bytes.includes(0x0a, at);
          bytes = Buffer.concat([this.#held, at === 0 ? bytes : bytes.subarray(at)]);
          at = 0;
          this.#held = NOTHING;
          if (!ended && bytes.length <= HEAD_LIMITS.maxBytes) return this.#hold(bytes, at);
        }
        const head = new RequestHead();
        const next = parseRequestHead(head, bytes, at, bytes.length, HEAD_LIMITS);
        if (next === INCOMPLETE) return this.#hold(bytes, at);
        at = next;
        if (!this.#begin(head, bytes, at)) return;
      } else if (this.#state === STATE.body) {
        at = this.#reader.read(bytes, at, bytes.length, this);
        if (this.#reader.done && this.#state === STATE.body) this.#requestDone();
        else if (at === bytes.length) return;
      } else if (this.#state === STATE.waiting) {
        if (at < bytes.length) {
          this.#held = at === 0 ? bytes : bytes.subarray(at);
          this.#socket.pause();
        }
        return;
      } else if (this.#state === STATE.tunnel) {
        if (at < bytes.length) this.#exchange?.onRequestChunk(bytes.subarray(at));
        return;
      } else return;
    }
  }

  /** Whether answers wait in the socket for a client that does not read them. Asked before each request. */
  #isSlowReader(): boolean {
    if (this.#unwritten > UNWRITTEN) {
      this.#unwritten = 0;
      flushWrites();
    }
    this.#unwritten++;
    return this.#socket.writableNeedDrain;
  }

  #hold(bytes: Buffer, at: number): void {
    if (this.#headSinceMs === 0) this.#headSinceMs = this.#activeMs;
    this.#held = at === 0 ? bytes : bytes.subarray(at);
  }

  /** Starts the exchange of a request whose head is there. False when the connection is no longer read. */
  #begin(head: RequestHead, bytes: Buffer, at: number): boolean {
    this.#headSinceMs = 0;
    this.#served = true;
    this.#answer.reset(head, head.keepAlive && !this.#host.draining);
    if (head.minor === 0) return this.#refuse(426, '');
    const { scope } = this.#host;
    if (head.method === 'CONNECT') return this.#tunnel(head.target, bytes.subarray(at));
    const target = targetOf(head);
    if (target === undefined) return this.#refuse(400, '');
    const upgrade = wantedUpgrade(head);
    if (upgrade === undefined) return this.#refuse(403, '');
    head.upgrade = upgrade;
    if (upgrade !== '') scope.meter?.count('downstream_cx_upgrades_total');
    this.#state = head.bodyLength === 0 ? STATE.waiting : STATE.body;
    this.#reader.start(head.bodyLength);
    const exchange = new Exchange(this, scope, head, target);
    this.#exchange = exchange;
    exchange.start();
    return true;
  }

  /** From here on the connection is no longer this one's. Always false. */
  #tunnel(authority: string, rest: Buffer): false {
    const status = this.#host.openTunnel?.(this.#socket, authority, rest) ?? 404;
    if (status !== 0) return this.#refuse(status, '');
    this.#letGo();
    this.#host.onClosed(this);
    return false;
  }

  #letGo(): void {
    for (const [event, listener] of this.#listeners) this.#socket.off(event, listener);
    this.#state = STATE.closing;
    this.#gone = true;
  }

  #requestDone(): void {
    const exchange = this.#exchange;
    this.#state = exchange === undefined ? STATE.head : STATE.waiting;
    exchange?.onRequestEnd(this.#reader.trailers);
  }

  #onProtocolError(error: ProtocolError): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#refuse(error.status, '');
      return;
    }
    this.#answer.keep = false;
    exchange.onDownstreamProtocolError(error.detail);
    this.#close();
  }

  /** An answer to what never became a request. It is not recorded as one. Always false. */
  #refuse(status: number, body: string): false {
    const { serverName } = this.#host.scope.options;
    if (!this.#answer.begun) writeSoon(this.#socket, refusal(status, body, serverName));
    this.#close(); // what waits to be written leaves first
    return false;
  }

  /** Says no more, and waits a little for the client to read what was said (a reset could overtake it). */
  #close(): void {
    if (this.#state === STATE.closing) return;
    this.#state = STATE.closing;
    this.#held = NOTHING;
    this.#touch();
    flushWrites();
    this.#socket.end();
    this.#socket.resume();
  }

  /** In a tunnel one side may end before the other; a client that ends its side otherwise is gone, as for Envoy. */
  #onEnd(): void {
    if (this.#state === STATE.tunnel) this.#exchange?.onRequestEnd(undefined);
    else if (this.#exchange === undefined) this.#close();
    else this.#onGone();
  }

  #onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.onDownstreamGone('downstream_remote_disconnect');
    this.#socket.destroy();
  }

  #touch(): void {
    this.#activeMs = this.#host.scope.options.now();
  }
}

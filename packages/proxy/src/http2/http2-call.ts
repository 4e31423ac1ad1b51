// One request on a connection that carries many at a time, and the web socket that it may become.

import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { tellBug } from '../bug.ts';
import { isBodyless } from '../codec/bodyless.ts';
import { LENGTH, ResponseHead } from '../codec/head.ts';
import { HeaderList } from '../codec/header-list.ts';
import { acceptOf, WEBSOCKET_ACCEPT, WEBSOCKET_KEY } from '../codec/websocket-key.ts';
import type {
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from '../exchange/streams.ts';
import { addHeaders, headerObject, listOf } from './header-object.ts';

/** Undefined when the peer does not say. */
export type OnSettled = (takesConnect: boolean | undefined) => void;

/** What a call needs of its connection. */
export interface CallOwner {
  readonly local: string;
  readonly sessionOver: boolean;
  /** The call is over. */
  release(): void;
  /** Tells, once it is known, whether the peer takes extended CONNECT (RFC 8441). Gives a function that waits no longer. */
  whenSettled(act: OnSettled): () => void;
}

export class Http2Call implements UpstreamStream {
  readonly reused: boolean;
  readonly #session: ClientHttp2Session;
  readonly #connection: CallOwner;
  #handler: UpstreamHandler | undefined;
  #stream: ClientHttp2Stream | undefined = undefined;
  #trailersIn: HeaderList | undefined = undefined;
  #trailersOut: HeaderList | undefined = undefined;
  #released = false;
  #method = '';
  /** The upgrade that was asked for; '' for none. */
  #upgrade = '';
  /** The client's key for it; '' for none. */
  #key = '';
  #stopWaiting: (() => void) | undefined = undefined;

  constructor(
    session: ClientHttp2Session,
    connection: CallOwner,
    handler: UpstreamHandler,
    reused: boolean,
  ) {
    this.#session = session;
    this.#connection = connection;
    this.#handler = handler;
    this.reused = reused;
  }

  get local(): string {
    return this.#connection.local;
  }

  send(request: UpstreamRequest, body: Buffer | undefined, end: boolean): boolean {
    this.#method = request.method;
    const headers = addHeaders(
      headerObject({
        ':method': request.method,
        ':path': request.path,
        ':scheme': request.scheme,
        ':authority': request.authority,
      }),
      request.headers,
    );
    if (request.takesTrailers) headers['te'] = 'trailers';
    if (request.bodyLength > 0) headers['content-length'] = request.bodyLength;
    if (request.upgrade !== '') {
      this.#upgradeTo(request, headers);
      return true;
    }
    const bare = body === undefined || body.length === 0;
    const stream = this.#open(headers, { endStream: end && bare, waitForTrailers: !end });
    if (stream === undefined || bare) return true;
    if (!end) return stream.write(body);
    stream.end(body);
    return true;
  }

  /** Undefined when it cannot be sent; its failure is told later. */
  #open(
    headers: OutgoingHttpHeaders,
    options: { endStream: boolean; waitForTrailers: boolean },
  ): ClientHttp2Stream | undefined {
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(headers, options);
    } catch (error) {
      this.#refused(error);
      return undefined;
    }
    this.#stream = stream;
    stream.on('response', (answer, flags) => this.#guard(() => this.#onResponse(answer, flags)));
    stream.on('data', (chunk: Buffer) => this.#guard(() => this.#handler?.onResponseChunk(chunk)));
    stream.on('trailers', (trailers) => (this.#trailersIn = listOf(trailers)));
    stream.on('end', () => this.#guard(() => this.#finish()));
    stream.on('drain', () => this.#guard(() => this.#handler?.onUpstreamDrain()));
    stream.on('wantTrailers', () => sendTrailers(stream, this.#trailersOut));
    stream.on('error', () => {});
    stream.on('close', () => this.#guard(() => this.#onClose()));
    return stream;
  }

  /** As an extended CONNECT, where the peer takes it. */
  #upgradeTo(request: UpstreamRequest, headers: OutgoingHttpHeaders): void {
    this.#upgrade = request.upgrade;
    this.#key = request.headers.get(WEBSOCKET_KEY) ?? '';
    headers[':method'] = 'CONNECT';
    headers[':protocol'] = request.upgrade;
    this.#stopWaiting = this.#connection.whenSettled((takesConnect) =>
      this.#guard(() => {
        if (this.#handler === undefined) return;
        if (this.#connection.sessionOver) return this.#fail({ reason: 'reset', detail: '' });
        if (takesConnect === undefined) return this.#fail(NO_SETTINGS);
        if (!takesConnect) return this.#fail(NO_CONNECT);
        this.#open(headers, { endStream: false, waitForTrailers: false });
      }),
    );
  }

  sendChunk(chunk: Buffer): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.writableEnded) return true;
    return stream.write(chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#trailersOut = trailers;
    this.#stream?.end();
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  cancel(): void {
    this.#handler = undefined;
    this.#stopWaiting?.();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    if (this.#stream === undefined) this.#release();
  }

  #onResponse(
    headers: IncomingHttpHeaders & { ':status'?: number | undefined },
    flags: number,
  ): void {
    const head = new ResponseHead();
    head.status = headers[':status'] ?? 0;
    const list = listOf(headers);
    for (let i = 0; i < list.length; i++) head.headers.add(list.names[i]!, list.values[i]!);
    if (this.#upgrade !== '' && head.status >= 200 && head.status < 300)
      return this.#onUpgraded(head);
    const length = headers['content-length'];
    if (length !== undefined) head.declaredLength = Number(length);
    const bodyless = isBodyless(this.#method, head.status);
    const end = bodyless || (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (bodyless) this.#expectEnd();
    head.bodyLength = end ? 0 : head.declaredLength > 0 ? head.declaredLength : LENGTH.chunked;
    const handler = this.#handler;
    if (end) this.#handler = undefined;
    // What was to become a web socket and did not has no body that would end it.
    if (this.#upgrade !== '') this.#stream?.end();
    handler?.onResponseHead(head, undefined, end);
  }

  /** In the words of HTTP/1.1, with the answer to the client's key, of which HTTP/2 knows nothing. */
  #onUpgraded(head: ResponseHead): void {
    head.status = 101;
    head.upgrade = this.#upgrade;
    if (this.#key !== '' && !head.headers.has(WEBSOCKET_ACCEPT))
      head.headers.add(WEBSOCKET_ACCEPT, acceptOf(this.#key));
    this.#handler?.onResponseHead(head, undefined, false);
  }

  /** What goes wrong with a call ends this call; whoever waits for its answer is told. */
  #guard(act: () => void): void {
    const handler = this.#handler;
    try {
      act();
    } catch (error) {
      tellBug(error);
      this.cancel();
      handler?.onUpstreamFailure({ reason: 'reset', detail: '' });
    }
  }

  /** All has been said: what only ends the stream is waited for, not for long. */
  #expectEnd(): void {
    this.#stream?.setTimeout(END_MS, () => this.#stream?.close(constants.NGHTTP2_CANCEL));
  }

  /** The request cannot be sent on this session. Told a turn later, like every failure. */
  #refused(error: unknown): void {
    const over = this.#session.closed || this.#session.destroyed;
    if (!over) tellBug(error);
    const failure: UpstreamFailure = over
      ? { reason: 'refused', detail: '' }
      : { reason: 'unsendable', detail: 'protocol error' };
    this.#fail(failure);
  }

  #fail(failure: UpstreamFailure): void {
    setImmediate(() => {
      const handler = this.#handler;
      this.#handler = undefined;
      this.#release();
      handler?.onUpstreamFailure(failure);
    });
  }

  #finish(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    if (this.#upgrade !== '') this.#stream?.end();
    handler?.onResponseEnd(this.#trailersIn);
  }

  #onClose(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    const code = this.#stream?.rstCode;
    this.#release();
    if (handler === undefined) return;
    if (code === constants.NGHTTP2_REFUSED_STREAM)
      handler.onUpstreamFailure({ reason: 'refused', detail: '' });
    else
      handler.onUpstreamFailure({
        reason: 'reset',
        detail: this.#connection.sessionOver ? '' : 'stream',
      });
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#connection.release();
  }
}

const NO_CONNECT: UpstreamFailure = { reason: 'unsendable', detail: 'no extended CONNECT' };
/** Every connection begins with them (RFC 9113 §3.4). */
const NO_SETTINGS: UpstreamFailure = { reason: 'protocol', detail: 'no settings' };
const EMPTY = new HeaderList();
/** For the empty frame that ends an answer without a body. */
const END_MS = 1000;

function sendTrailers(stream: ClientHttp2Stream, trailers: HeaderList | undefined): void {
  if (stream.destroyed || stream.closed) return;
  try {
    stream.sendTrailers(addHeaders(headerObject({}), trailers ?? EMPTY));
  } catch (error) {
    tellBug(error);
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

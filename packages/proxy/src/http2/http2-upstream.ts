// A connection to an endpoint that carries many requests at a time.

import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { tellBug } from '../bug.ts';
import { isBodyless } from '../codec/bodyless.ts';
import { LENGTH, ResponseHead } from '../codec/head.ts';
import { HeaderList } from '../codec/header-list.ts';
import type {
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from '../exchange/streams.ts';
import { addHeaders, headerObject, listOf } from './header-object.ts';
import { SESSION_OPTIONS } from './session-options.ts';

export interface Http2Owner {
  /** A stream ended: there may be room for a request that waits. */
  onRoom(connection: Http2Upstream): void;
  onSessionClosed(connection: Http2Upstream): void;
}

export class Http2Upstream {
  readonly local: string;
  served = 0;
  active = 0;
  idleSinceMs = 0;
  readonly #session: ClientHttp2Session;
  readonly #owner: Http2Owner;

  /** Takes a socket that is connected. */
  constructor(socket: Socket, owner: Http2Owner) {
    this.#owner = owner;
    this.local = `${socket.localAddress}:${socket.localPort}`;
    const session = connect('http://upstream', {
      ...SESSION_OPTIONS,
      createConnection: () => socket,
    });
    this.#session = session;
    session.on('error', () => {});
    session.on('close', () => owner.onSessionClosed(this));
    session.on('goaway', () => session.close());
  }

  /** Whether another request may begin here. */
  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    return !closed && !destroyed && this.active < (remoteSettings.maxConcurrentStreams ?? 100);
  }

  begin(handler: UpstreamHandler): void {
    this.active++;
    const reused = this.served++ > 0;
    handler.onUpstreamReady(new Http2Call(this.#session, this, handler, reused));
  }

  /** Of the calls, when they are over. */
  release(): void {
    this.active--;
    this.#owner.onRoom(this);
  }

  get sessionOver(): boolean {
    return this.#session.destroyed;
  }

  /** Requests under way come to their end. */
  drain(): void {
    this.#session.close();
  }

  close(): void {
    this.#session.destroy();
  }
}

class Http2Call implements UpstreamStream {
  readonly reused: boolean;
  readonly #session: ClientHttp2Session;
  readonly #connection: Http2Upstream;
  #handler: UpstreamHandler | undefined;
  #stream: ClientHttp2Stream | undefined = undefined;
  #trailersIn: HeaderList | undefined = undefined;
  #trailersOut: HeaderList | undefined = undefined;
  #released = false;
  #method = '';

  constructor(
    session: ClientHttp2Session,
    connection: Http2Upstream,
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
    const bare = body === undefined || body.length === 0;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(headers, {
        endStream: end && bare,
        waitForTrailers: !end,
      });
    } catch (error) {
      this.#refused(error);
      return true;
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
    if (bare) return true;
    if (!end) return stream.write(body);
    stream.end(body);
    return true;
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
    const length = headers['content-length'];
    if (length !== undefined) head.declaredLength = Number(length);
    const bodyless = isBodyless(this.#method, head.status);
    const end = bodyless || (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (bodyless) this.#expectEnd();
    head.bodyLength = end ? 0 : head.declaredLength > 0 ? head.declaredLength : LENGTH.chunked;
    const handler = this.#handler;
    if (end) this.#handler = undefined;
    handler?.onResponseHead(head, undefined, end);
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
      : { reason: 'protocol', detail: (error as Error).message };
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

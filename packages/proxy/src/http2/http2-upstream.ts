// A connection to an endpoint that carries many requests at a time.

import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { HEAD_LIMITS, LENGTH, ResponseHead } from '../codec/head.ts';
import { HeaderList } from '../codec/header-list.ts';
import type { UpstreamHandler, UpstreamRequest, UpstreamStream } from '../exchange/streams.ts';
import { addHeaders, listOf } from './header-object.ts';

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
      createConnection: () => socket,
      maxHeaderListPairs: HEAD_LIMITS.maxHeaders + 8,
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
    const headers = addHeaders(
      {
        ':method': request.method,
        ':path': request.path,
        ':scheme': request.scheme,
        ':authority': request.authority,
      },
      request.headers,
    );
    if (request.takesTrailers) headers['te'] = 'trailers';
    if (request.bodyLength > 0) headers['content-length'] = request.bodyLength;
    const bare = body === undefined || body.length === 0;
    const stream = this.#session.request(headers, {
      endStream: end && bare,
      waitForTrailers: !end,
    });
    this.#stream = stream;
    stream.on('response', (answer, flags) => this.#onResponse(answer, flags));
    stream.on('data', (chunk: Buffer) => this.#handler?.onResponseChunk(chunk));
    stream.on('trailers', (trailers) => (this.#trailersIn = listOf(trailers, NONE)));
    stream.on('end', () => this.#finish());
    stream.on('drain', () => this.#handler?.onUpstreamDrain());
    stream.on('wantTrailers', () =>
      stream.sendTrailers(addHeaders({}, this.#trailersOut ?? EMPTY)),
    );
    stream.on('error', () => {});
    stream.on('close', () => this.#onClose());
    if (bare) return true;
    if (!end) return stream.write(body);
    stream.end(body);
    return true;
  }

  sendChunk(chunk: Buffer): boolean {
    const stream = this.#stream!;
    return stream.destroyed || stream.writableEnded ? true : stream.write(chunk);
  }

  sendEnd(trailers: HeaderList | undefined): void {
    this.#trailersOut = trailers;
    this.#stream!.end();
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
    const list = listOf(headers, FRAMING);
    for (let i = 0; i < list.length; i++) head.headers.add(list.names[i]!, list.values[i]!);
    const length = headers['content-length'];
    if (length !== undefined) head.declaredLength = Number(length);
    const end = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    head.bodyLength = end ? 0 : head.declaredLength > 0 ? head.declaredLength : LENGTH.chunked;
    const handler = this.#handler;
    if (end) this.#handler = undefined;
    handler?.onResponseHead(head, undefined, end);
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
const NONE: ReadonlySet<string> = new Set();
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'connection', 'transfer-encoding']);

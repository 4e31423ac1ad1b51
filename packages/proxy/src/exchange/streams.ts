// The two sides of an exchange, whatever the version of HTTP they speak.

import type { HeaderList } from '../codec/header-list.ts';
import type { ResponseHead } from '../codec/head.ts';
import type { Peer, RequestRecord } from '../request-record.ts';

/** The head of an answer to a client. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: HeaderList;
  /** Bytes, or one of `LENGTH`. */
  readonly bodyLength: number;
  /** `content-length` of an answer that carries no body; -1 for none. */
  readonly declaredLength: number;
  /** The protocol switched to; '' for none. */
  readonly upgrade: string;
}

/** Where a request came from and its answer goes. Writes give false when the client reads too slowly. */
export interface DownstreamStream {
  readonly protocol: RequestRecord['protocol'];
  readonly scheme: 'http' | 'https';
  /** Without port. */
  readonly remoteAddress: string;
  /** `address:port` */
  readonly remote: string;
  readonly local: string;
  readonly peer: Peer | undefined;
  /** Of the client's TLS that ended here; '' without. */
  readonly serverName: string;
  /** What the client's certificate says, as `x-forwarded-client-cert` has it; '' without one. */
  readonly certificate: string;
  sendContinue(): void;
  sendHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean;
  sendChunk(chunk: Buffer): boolean;
  sendEnd(trailers: HeaderList | undefined): void;
  /** Ends the stream at once, with no answer or in the middle of one. */
  reset(): void;
  pause(): void;
  resume(): void;
}

/** What a downstream stream tells its exchange. */
export interface DownstreamHandler {
  onRequestChunk(chunk: Buffer): void;
  onRequestEnd(trailers: HeaderList | undefined): void;
  onDownstreamDrain(): void;
  /** The client is gone, or its stream was reset. */
  onDownstreamGone(detail: string): void;
  /** The body breaks the rules of the protocol. */
  onDownstreamProtocolError(detail: string): void;
}

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly headers: HeaderList;
  /** Bytes, or `LENGTH.chunked`. */
  readonly bodyLength: number;
  readonly upgrade: string;
  readonly takesTrailers: boolean;
}

/** One request on an upstream connection. */
export interface UpstreamStream {
  readonly local: string;
  /** Whether the connection has carried a request before. */
  readonly reused: boolean;
  /** With an upgrade nothing may follow, not even the end, before an answer that says that the upstream switches. */
  send(request: UpstreamRequest, body: Buffer | undefined, end: boolean): boolean;
  sendChunk(chunk: Buffer): boolean;
  sendEnd(trailers: HeaderList | undefined): void;
  pause(): void;
  resume(): void;
  /** Gives the request up; nothing is told any more. */
  cancel(): void;
}

export type FailureReason =
  | 'connect'
  | 'connectTimeout'
  | 'reset'
  | 'refused'
  | 'overflow'
  | 'protocol'
  /** HTTP/2 as this peer speaks it has no words for the request; the peer has done nothing wrong. */
  | 'unsendable';

export interface UpstreamFailure {
  readonly reason: FailureReason;
  /** What the system said, such as `Connection refused`; may be empty. */
  readonly detail: string;
  /** The address could not be found at all. */
  readonly unresolved?: boolean;
}

/** What an upstream stream, or the pool before there is one, tells whoever asked for it. */
export interface UpstreamHandler {
  onUpstreamReady(stream: UpstreamStream): void;
  /** `body` is the beginning of the body, with `end` all of it. */
  onResponseHead(head: ResponseHead, body: Buffer | undefined, end: boolean): void;
  onResponseChunk(chunk: Buffer): void;
  onResponseEnd(trailers: HeaderList | undefined): void;
  onUpstreamDrain(): void;
  onUpstreamFailure(failure: UpstreamFailure): void;
}

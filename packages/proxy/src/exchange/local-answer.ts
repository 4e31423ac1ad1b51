// Answers that the proxy itself gives, in Envoy's words.

import type { HeaderList } from '../codec/header-list.ts';
import type { ExchangeState } from './exchange-state.ts';
import {
  grpcFromHttp,
  grpcMessage,
  grpcStatusNumber,
  httpFromGrpc,
  isGrpc,
} from './grpc-status.ts';
import { failureFlag, failureText, FLAG } from './response-flags.ts';
import type { AnswerHead, UpstreamFailure } from './streams.ts';

/** An answer that the proxy itself gives. */
export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
  readonly flag: string;
  readonly details: string;
  /** Says that a limit was reached. */
  readonly overloaded?: boolean;
  /** For gRPC clients; follows from the status when undefined. */
  readonly grpc?: number;
}

export const NO_HEALTHY_UPSTREAM: LocalAnswer = {
  status: 503,
  body: 'no healthy upstream',
  flag: FLAG.noHealthyUpstream,
  details: 'no_healthy_upstream',
};
export const NO_MEMORY: LocalAnswer = {
  status: 503,
  body: 'overload',
  flag: FLAG.overload,
  details: 'overload',
  overloaded: true,
};
/** For a mistake of our own; Envoy, which would be gone, has no flag for it. */
export const BUG: LocalAnswer = {
  status: 500,
  body: 'internal error',
  flag: '',
  details: 'internal_error',
};
export const TIMEOUT: LocalAnswer = {
  status: 504,
  body: 'upstream request timeout',
  flag: FLAG.timeout,
  details: 'response_timeout',
};

/** `complete`: the client had said all that it wanted. */
export const idleAnswer = (complete: boolean): LocalAnswer => ({
  status: complete ? 504 : 408,
  body: 'stream timeout',
  flag: FLAG.streamIdle,
  details: 'stream_idle_timeout',
});
export const protocolAnswer = (details: string): LocalAnswer => ({
  status: 400,
  body: '',
  flag: FLAG.downstreamProtocol,
  details,
});
/** For a destination that no resource declares. */
export const noClusterAnswer = (status: number): LocalAnswer => ({
  status,
  body: '',
  flag: FLAG.noCluster,
  details: 'cluster_not_found',
});

export const failureDetails = (failure: UpstreamFailure) =>
  failureText(failure).replaceAll(', ', '|').replaceAll(' ', '_');

/** What a client is told when no attempt gave an answer. */
export function failureAnswer(failure: UpstreamFailure, retried: boolean): LocalAnswer {
  if (failure.unresolved === true) return NO_HEALTHY_UPSTREAM;
  const which =
    retried && failure.reason !== 'overflow'
      ? 'retried and the latest reset reason'
      : 'reset reason';
  return {
    status: failure.reason === 'protocol' || failure.reason === 'unsendable' ? 502 : 503,
    body: `upstream connect error or disconnect/reset before headers. ${which}: ${failureText(failure)}`,
    flag: failureFlag(failure),
    details: `upstream_reset_before_response_started{${failureDetails(failure)}}`,
    overloaded: failure.reason === 'overflow',
  };
}

const FAULT_ABORT = {
  body: 'fault filter abort',
  flag: FLAG.abort,
  details: 'fault_filter_abort',
} as const;

/** The answer of a fault, with an HTTP status or a gRPC status by name. */
export function faultAnswer(httpStatus: number, grpcStatus: string): LocalAnswer {
  if (grpcStatus === '') return { ...FAULT_ABORT, status: httpStatus };
  const grpc = grpcStatusNumber(grpcStatus);
  return { ...FAULT_ABORT, status: httpFromGrpc(grpc), grpc };
}

/** Head and body of an answer to the request; gRPC clients get it as theirs want it. Sets the exchange's status. */
export function localHead(
  exchange: ExchangeState,
  answer: {
    readonly status: number;
    readonly headers: HeaderList;
    readonly text: string | Buffer;
    readonly grpc: number | undefined;
  },
): { head: AnswerHead; body: Buffer } {
  const { status, headers, text, grpc } = answer;
  const speaksGrpc = isGrpc(exchange.head.headers.get('content-type'));
  const body = speaksGrpc ? NOTHING : typeof text === 'string' ? Buffer.from(text) : text;
  const head = speaksGrpc
    ? grpcHead(status, headers, String(text), grpc)
    : plainHead(status, headers, body.length);
  exchange.status = head.status;
  if (speaksGrpc) exchange.grpcStatus = Number(headers.get('grpc-status'));
  return { head, body };
}

const NOTHING = Buffer.alloc(0);

/** The head that says it in HTTP. `headers` are taken over. */
function plainHead(status: number, headers: HeaderList, length: number): AnswerHead {
  if (length > 0) headers.setDefault('content-type', 'text/plain');
  return { status, headers, bodyLength: length, declaredLength: length, upgrade: '' };
}

/** The head that says it to a gRPC client, which wants its status in headers and no body. */
function grpcHead(
  status: number,
  headers: HeaderList,
  text: string,
  grpc = grpcFromHttp(status),
): AnswerHead {
  headers.set('content-type', 'application/grpc');
  headers.set('grpc-status', String(grpc));
  if (text !== '') headers.set('grpc-message', grpcMessage(text));
  return { status: 200, headers, bodyLength: 0, declaredLength: 0, upgrade: '' };
}

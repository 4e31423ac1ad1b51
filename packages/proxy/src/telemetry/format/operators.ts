// What each operator of a format string means for a request. Names: Envoy's access log documentation.

import { hostname } from 'node:os';
import type { RequestRecord } from '../../request-record.ts';
import { withoutPort } from '../spans/span-writer.ts';
import { FLAG_NAMES } from './flag-names.ts';
import { createIsoFormatter, createTimeFormatter } from './start-time.ts';
import type { FormatOperator } from './parse-format.ts';

/** Headers by name in lower case, for operators that name one which the record does not hold. */
export interface HeaderLookup {
  request(name: string): string | undefined;
  response(name: string): string | undefined;
  trailer(name: string): string | undefined;
}

/** Undefined where a request has no such thing. Numbers stay numbers for JSON. */
export type Evaluate = (
  record: RequestRecord,
  headers: HeaderLookup | undefined,
) => string | number | undefined;

export interface CompiledOperator {
  readonly evaluate: Evaluate;
  readonly needsHeaders: boolean;
}

/** Undefined: no such operator, or its argument is missing or wrong. */
export function compileOperator(operator: FormatOperator): CompiledOperator | undefined {
  const { name, argument } = operator;
  const make = Object.hasOwn(WITH_ARGUMENT, name) ? WITH_ARGUMENT[name] : undefined;
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  const found =
    make?.(argument ?? '') ??
    (plain === undefined || argument !== undefined
      ? undefined
      : { evaluate: plain, needsHeaders: false });
  const { maxLength } = operator;
  if (found === undefined || maxLength === undefined) return found;
  const { evaluate } = found;
  return {
    needsHeaders: found.needsHeaders,
    evaluate(record, headers) {
      const value = evaluate(record, headers);
      return typeof value === 'string' ? value.slice(0, maxLength) : value;
    },
  };
}

/** Names for a "did you mean". */
export function operatorNames(): readonly string[] {
  return [...Object.keys(PLAIN), ...Object.keys(WITH_ARGUMENT)];
}

const some = (text: string): string | undefined => (text === '' ? undefined : text);
const portOf = (address: string): number | undefined =>
  address === '' ? undefined : Number(address.slice(address.lastIndexOf(':') + 1));
const hostOf = (address: string): string | undefined =>
  address === '' ? undefined : withoutPort(address);
const never = (): undefined => undefined;
const isoTime = createIsoFormatter();
const host = hostname();

const upstreamPort: Evaluate = ({ endpoint }) => endpoint?.port;
const upstreamHost: Evaluate = ({ endpoint }) => endpoint?.key;
const upstreamIp: Evaluate = ({ endpoint }) => endpoint?.address;
const remote: Evaluate = (record) => some(record.downstreamRemote);
const remoteIp: Evaluate = (record) => hostOf(record.downstreamRemote);
const remotePort: Evaluate = (record) => portOf(record.downstreamRemote);
const clusterName: Evaluate = (record) => record.cluster?.name;

const PLAIN: Readonly<Record<string, Evaluate>> = {
  PROTOCOL: (record) => some(record.protocol),
  RESPONSE_CODE: (record) => record.status,
  RESPONSE_CODE_DETAILS: (record) => some(record.responseCodeDetails),
  // Envoy writes the dash itself, in JSON too.
  RESPONSE_FLAGS: (record) => (record.responseFlags === '' ? '-' : record.responseFlags),
  RESPONSE_FLAGS_LONG: (record) => longFlags(record.responseFlags),
  BYTES_RECEIVED: (record) => record.bytesReceived,
  BYTES_SENT: (record) => record.bytesSent,
  DURATION: (record) => Math.floor(record.durationMs),
  RESPONSE_DURATION: ({ upstreamServiceTimeMs: ms }) => (ms < 0 ? undefined : Math.floor(ms)),
  RESPONSE_TX_DURATION: ({ upstreamServiceTimeMs: ms, durationMs }) =>
    ms < 0 ? undefined : Math.max(0, Math.floor(durationMs - ms)),
  UPSTREAM_HOST: upstreamHost,
  UPSTREAM_HOST_NAME: upstreamHost,
  UPSTREAM_REMOTE_ADDRESS: upstreamHost,
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: upstreamIp,
  UPSTREAM_REMOTE_PORT: upstreamPort,
  UPSTREAM_LOCAL_ADDRESS: (record) => some(record.upstreamLocal),
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: (record) => hostOf(record.upstreamLocal),
  UPSTREAM_LOCAL_PORT: (record) => portOf(record.upstreamLocal),
  UPSTREAM_CLUSTER: clusterName,
  UPSTREAM_CLUSTER_RAW: clusterName,
  UPSTREAM_REQUEST_ATTEMPT_COUNT: (record) => record.attempts,
  DOWNSTREAM_REMOTE_ADDRESS: remote,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: remoteIp,
  DOWNSTREAM_REMOTE_PORT: remotePort,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: remote,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: remoteIp,
  DOWNSTREAM_DIRECT_REMOTE_PORT: remotePort,
  DOWNSTREAM_LOCAL_ADDRESS: (record) => some(record.downstreamLocal),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: (record) => hostOf(record.downstreamLocal),
  DOWNSTREAM_LOCAL_PORT: (record) => portOf(record.downstreamLocal),
  DOWNSTREAM_PEER_URI_SAN: (record) => {
    const principal = record.peer?.principal ?? '';
    return principal === '' ? undefined : `spiffe://${principal}`;
  },
  UPSTREAM_TRANSPORT_FAILURE_REASON: (record) => transportFailure(record.responseCodeDetails),
  ROUTE_NAME: (record) => some(record.routeName),
  HOSTNAME: () => host,
  TRACE_ID: (record) => record.trace?.traceId,
  SPAN_ID: (record) => record.trace?.spanId,
  STREAM_ID: (record) => some(record.requestId),
  GRPC_STATUS: ({ grpcStatus }) => (grpcStatus < 0 ? undefined : grpcName(grpcStatus)),
  GRPC_STATUS_NUMBER: ({ grpcStatus }) => (grpcStatus < 0 ? undefined : grpcStatus),
  // Things that Envoy knows and that never are here: an operator's format works and shows `-`.
  CONNECTION_TERMINATION_DETAILS: never,
  DOWNSTREAM_TRANSPORT_FAILURE_REASON: never,
  REQUESTED_SERVER_NAME: (record) => some(record.serverName),
  VIRTUAL_CLUSTER_NAME: never,
  CONNECTION_ID: never,
  UPSTREAM_CONNECTION_ID: never,
  DOWNSTREAM_TLS_VERSION: never,
  DOWNSTREAM_TLS_CIPHER: never,
  DOWNSTREAM_PEER_SUBJECT: never,
  DOWNSTREAM_PEER_ISSUER: never,
  UPSTREAM_PEER_SUBJECT: never,
  UPSTREAM_TLS_VERSION: never,
  UPSTREAM_TLS_CIPHER: never,
};

const request = (argument: string): CompiledOperator | undefined => header(argument, requestHeader);
const response = (argument: string): CompiledOperator | undefined =>
  header(argument, responseHeader);
const nothing = (): CompiledOperator => ({ evaluate: never, needsHeaders: false });

const WITH_ARGUMENT: Readonly<Record<string, (argument: string) => CompiledOperator | undefined>> =
  {
    REQ: request,
    REQUEST_HEADER: request,
    RESP: response,
    RESPONSE_HEADER: response,
    TRAILER: (argument) => header(argument, trailer),
    RESPONSE_TRAILER: (argument) => header(argument, trailer),
    START_TIME(pattern) {
      const format = pattern === '' ? isoTime : createTimeFormatter(pattern);
      return format && { evaluate: (r) => format(r.startUnixMs), needsHeaders: false };
    },
    DYNAMIC_METADATA: nothing,
    CLUSTER_METADATA: nothing,
    UPSTREAM_METADATA: nothing,
    FILTER_STATE: nothing,
    UPSTREAM_FILTER_STATE: nothing,
  };

type HeaderSource = (name: string) => CompiledOperator;

/** `NAME`, or `NAME?OTHER`: the other one when the first is absent. */
function header(argument: string, source: HeaderSource): CompiledOperator | undefined {
  const names = argument.toLowerCase().split('?');
  if (names.length > 2 || names.some((name) => name === '')) return undefined;
  const [first, second] = names.map(source);
  if (second === undefined) return first;
  return {
    needsHeaders: first!.needsHeaders || second.needsHeaders,
    evaluate: (record, headers) =>
      first!.evaluate(record, headers) ?? second.evaluate(record, headers),
  };
}

/** Those that the record holds, without asking for headers. The request's are as the upstream got them. */
const RECORDED_REQUEST_HEADERS: Readonly<Record<string, Evaluate>> = {
  ':method': (record) => some(record.method),
  ':path': (record) => some(record.upstreamPath),
  ':authority': (record) => some(record.authority),
  ':scheme': (record) => record.scheme,
  host: (record) => some(record.authority),
  'user-agent': (record) => some(record.userAgent),
  'x-request-id': (record) => some(record.requestId),
  'x-forwarded-for': (record) => some(record.forwardedFor),
  'x-forwarded-proto': (record) => record.scheme,
  'x-envoy-original-path': ({ path, upstreamPath }) => (path === upstreamPath ? undefined : path),
};

function requestHeader(name: string): CompiledOperator {
  const evaluate = Object.hasOwn(RECORDED_REQUEST_HEADERS, name)
    ? RECORDED_REQUEST_HEADERS[name]
    : undefined;
  if (evaluate !== undefined) return { evaluate, needsHeaders: false };
  return { evaluate: (_, headers) => headers?.request(name), needsHeaders: true };
}

function responseHeader(name: string): CompiledOperator {
  if (name === 'x-envoy-upstream-service-time')
    return {
      needsHeaders: false,
      evaluate: ({ upstreamServiceTimeMs: ms }) => (ms < 0 ? undefined : String(Math.floor(ms))),
    };
  return { evaluate: (_, headers) => headers?.response(name), needsHeaders: true };
}

function trailer(name: string): CompiledOperator {
  return { evaluate: (_, headers) => headers?.trailer(name), needsHeaders: true };
}

/** `…{remote_connection_failure|delayed_connect_error:_Connection_refused}`: what stands behind the bar. */
function transportFailure(details: string): string | undefined {
  const bar = details.indexOf('|');
  if (bar < 0 || !details.endsWith('}')) return undefined;
  return details.slice(bar + 1, -1);
}

function longFlags(flags: string): string {
  if (flags === '') return '-';
  return flags
    .split(',')
    .map((flag) => FLAG_NAMES[flag] ?? flag)
    .join(',');
}

const GRPC_NAMES =
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'.split(
    ' ',
  );

function grpcName(code: number): string {
  return GRPC_NAMES[code] ?? 'InvalidCode';
}

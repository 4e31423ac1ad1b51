// What every request goes through before it is routed, as in Envoy's connection manager: target and
// host told apart, the proxy's own headers, the place in the trace.

import { hostnameOf, normalizePath } from '@clover/traffic';
import type { RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { extractTrace, writeTraceHeaders, type TraceContext } from '../telemetry/trace-context.ts';
import { newRequestId } from '../telemetry/trace-ids.ts';
import { TraceHeaders } from '../telemetry/trace-headers.ts';
import type { Scope } from './scope.ts';
import type { DownstreamStream } from './streams.ts';

export interface Target {
  /** Normalised, as Envoy does before anything looks at it. */
  readonly path: string;
  readonly authority: string;
}

/**
 * Path and authority of a request in origin or absolute form (RFC 9112 §3.2). Undefined for a target that is neither,
 * without any host, with a fragment or with bytes that Envoy refuses (`%00` in a path, odd characters in a host).
 */
export function targetOf(head: RequestHead): Target | undefined {
  const { target, host } = head;
  if (target.charCodeAt(0) === SLASH) return checkedTarget(target, host);
  if (target === '*' && head.method === 'OPTIONS') return checkedTarget('*', host);
  const found = /^https?:\/\/([^/?#\s@]+)([/?].*)?$/i.exec(target);
  if (found === null) return undefined;
  const rest = found[2] ?? '/';
  return checkedTarget(rest.startsWith('/') ? rest : `/${rest}`, found[1]);
}

function checkedTarget(path: string, authority: string | undefined): Target | undefined {
  if (authority === undefined || !isAuthority(authority) || path.includes('#')) return undefined;
  const mark = path.indexOf('?');
  const bare = mark === -1 ? path : path.slice(0, mark);
  if (bare.includes('%00')) return undefined;
  const normal = normalizePath(bare);
  return { path: mark === -1 ? normal : normal + path.slice(mark), authority };
}

/** What may stand in a host for Envoy: of RFC 3986 the characters of a user, a name and a port, and no escapes checked. */
const AUTHORITY = /^[!$%&'()*+,\-.0-9:;=@A-Z[\]_a-z~]+$/;
/** One name is asked for again and again. */
let lastAuthority = '';

function isAuthority(authority: string): boolean {
  if (authority === lastAuthority) return authority !== '';
  if (!AUTHORITY.test(authority)) return false;
  lastAuthority = authority;
  return true;
}

export const portOf = (authority: string, otherwise: number): number => {
  const hostname = hostnameOf(authority);
  return hostname.length < authority.length
    ? Number(authority.slice(hostname.length + 1)) || otherwise
    : otherwise;
};

export interface Prepared {
  readonly trace: TraceContext;
  readonly requestId: string;
  readonly userAgent: string;
  /** The request carries Envoy's own headers, such as a timeout. */
  readonly controlled: boolean;
}

const traceHeaders = new TraceHeaders();

/** Adds what the proxy adds, and reads the headers once for all who look at them. */
export function prepareRequest(
  headers: HeaderList,
  stream: DownstreamStream,
  scope: Scope,
): Prepared {
  if (scope.direction === 'gateway') enterMesh(headers, stream);
  else headers.setDefault('x-forwarded-proto', stream.scheme);
  traceHeaders.clear();
  let controlled = false;
  let vouched = false;
  let userAgent = '';
  const { names, values } = headers;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (traceHeaders.offer(name, values[i]!)) continue;
    if (name === 'user-agent') userAgent = values[i]!;
    else if (name.startsWith('x-envoy-')) controlled = true;
    else if (name === CLIENT_CERTIFICATE) vouched = true;
  }
  if (vouched || stream.certificate !== '') vouchForClient(headers, stream.certificate, scope);
  const trace = extractTrace(traceHeaders, {
    twoSpans: scope.direction === 'gateway',
    sampler: scope.options.sink.sampler,
  });
  let { requestId } = traceHeaders;
  if (requestId === undefined || requestId === '') {
    requestId = newRequestId(trace.sampled);
    headers.set('x-request-id', requestId);
  }
  return { trace, requestId, userAgent, controlled };
}

let written: HeaderList;
const write = (name: string, value: string) => written.set(name, value);

/** The trace headers for the upstream, in place of those that came. */
export function injectTrace(trace: TraceContext, headers: HeaderList): void {
  written = headers;
  writeTraceHeaders(trace, write);
}

const CLIENT_CERTIFICATE = 'x-forwarded-client-cert';

/**
 * As Istio sets Envoy: a sidecar adds what its client's certificate says to what that client vouches for, a
 * gateway says only what it saw itself, and what a program claims of its own clients is dropped.
 */
function vouchForClient(headers: HeaderList, certificate: string, { direction }: Scope): void {
  const before = headers.getAll(CLIENT_CERTIFICATE);
  if (certificate === '' || direction === 'outbound') headers.remove(CLIENT_CERTIFICATE);
  else if (direction === 'inbound' && before !== undefined)
    headers.set(CLIENT_CERTIFICATE, `${before},${certificate}`);
  else headers.set(CLIENT_CERTIFICATE, certificate);
}

const SLASH = 0x2f;
/** Strangers may not steer the proxy by its own headers. */
const INTERNAL_ONLY = [
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-original-path',
  'x-envoy-internal',
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-request-id',
];

/**
 * At the edge the connection's own address counts, not what a client claims. Nobody is internal there, not
 * even on loopback: Envoy trusts no network that it was not told of.
 */
function enterMesh(headers: HeaderList, stream: DownstreamStream): void {
  const { remoteAddress } = stream;
  const forwarded = headers.getAll('x-forwarded-for');
  headers.set(
    'x-forwarded-for',
    forwarded === undefined ? remoteAddress : `${forwarded},${remoteAddress}`,
  );
  headers.set('x-forwarded-proto', stream.scheme);
  for (const name of INTERNAL_ONLY) headers.remove(name);
  headers.set('x-envoy-external-address', remoteAddress);
}

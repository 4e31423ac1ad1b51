// What every request goes through before it is routed, as in Envoy's connection manager: target and
// host told apart, the proxy's own headers, the place in the trace.

import { hostnameOf, normalizePath } from '@clover/traffic';
import type { RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { extractTrace, writeTraceHeaders, type TraceContext } from '../telemetry/trace-context.ts';
import { newRequestId } from '../telemetry/trace-ids.ts';
import { TraceHeaders } from '../telemetry/trace-headers.ts';
import { isInternalAddress } from './internal-address.ts';
import type { Scope } from './scope.ts';
import type { DownstreamStream } from './streams.ts';

export interface Target {
  readonly path: string;
  readonly authority: string;
}

/**
 * Path and authority of a request in origin or absolute form (RFC 9112 §3.2). Undefined for a target that is neither,
 * or without any host.
 */
export function targetOf(head: RequestHead): Target | undefined {
  const { target, host } = head;
  if (target.charCodeAt(0) === SLASH)
    return host === undefined || host === '' ? undefined : { path: target, authority: host };
  if (target === '*' && head.method === 'OPTIONS' && host) return { path: '*', authority: host };
  const found = /^https?:\/\/([^/?#\s@]+)([/?].*)?$/i.exec(target);
  if (found === null) return undefined;
  const rest = found[2] ?? '/';
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority: found[1]! };
}

/** The path as rules see it when none of them looks at it. */
export function normalizedTarget(path: string): string {
  const mark = path.indexOf('?');
  return mark === -1 ? normalizePath(path) : normalizePath(path.slice(0, mark)) + path.slice(mark);
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
  let userAgent = '';
  const { names, values } = headers;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (traceHeaders.offer(name, values[i]!)) continue;
    if (name === 'user-agent') userAgent = values[i]!;
    else if (name.startsWith('x-envoy-')) controlled = true;
  }
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

const SLASH = 0x2f;
/** Strangers may not steer the proxy by its own headers. */
const INTERNAL_ONLY = [
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
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
  'x-request-id',
];

/** At the edge the connection's own address counts, not what a client claims. */
function enterMesh(headers: HeaderList, stream: DownstreamStream): void {
  const { remoteAddress } = stream;
  const forwarded = headers.getAll('x-forwarded-for');
  headers.set(
    'x-forwarded-for',
    forwarded === undefined ? remoteAddress : `${forwarded},${remoteAddress}`,
  );
  headers.set('x-forwarded-proto', stream.scheme);
  if (forwarded === undefined && isInternalAddress(remoteAddress)) {
    headers.set('x-envoy-internal', 'true');
    return;
  }
  for (const name of INTERNAL_ONLY) headers.remove(name);
  if (!isInternalAddress(remoteAddress)) headers.set('x-envoy-external-address', remoteAddress);
}

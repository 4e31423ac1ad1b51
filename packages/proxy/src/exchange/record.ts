// What is recorded of an exchange. One object serves them all.

import type { RequestRecord } from '../request-record.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';
import type { Cluster, Endpoint } from '../upstream/cluster.ts';
import { routeNameOf, type ExchangeState } from './exchange-state.ts';

let record: RequestRecord | undefined;

/** The shared record with what this exchange came to. */
export function fillRecord(exchange: ExchangeState): RequestRecord {
  const { scope, stream, head, target, prepared, forwarding } = exchange;
  const { headers } = head;
  const filled: RequestRecord = (record ??= {} as RequestRecord);
  filled.workload = scope.workload;
  filled.direction = scope.direction;
  filled.startUnixMs = performance.timeOrigin + exchange.startMs;
  filled.durationMs = scope.options.now() - exchange.startMs;
  filled.method = head.method;
  filled.path = target.path;
  filled.upstreamPath = exchange.upstreamPath;
  filled.authority = target.authority;
  filled.port = exchange.port;
  filled.scheme = stream.scheme;
  filled.protocol = stream.protocol;
  filled.status = exchange.status;
  filled.grpcStatus = exchange.grpcStatus;
  filled.responseFlags = exchange.flags;
  filled.overflow = forwarding?.overflow ?? '';
  filled.responseCodeDetails = exchange.details;
  filled.bytesReceived = exchange.body?.bytes ?? 0;
  filled.bytesSent = exchange.bytesSent;
  filled.userAgent = prepared?.userAgent ?? '';
  filled.requestId = prepared?.requestId ?? '';
  filled.forwardedFor = headers.get('x-forwarded-for') ?? '';
  filled.cluster = exchange.cluster;
  filled.endpoint = forwarding?.endpoint;
  filled.attempts = forwarding?.attempts ?? 0;
  filled.upstreamServiceTimeMs = forwarding?.serviceTimeMs ?? -1;
  filled.routeName = routeNameOf(exchange.decision);
  filled.evidence = exchange.evidence;
  filled.downstreamRemote = stream.remote;
  filled.downstreamLocal = stream.local;
  filled.upstreamLocal = forwarding?.local ?? '';
  filled.listener = scope.listener;
  filled.serverName = stream.serverName;
  filled.peer = stream.peer;
  filled.trace = prepared?.trace;
  filled.mirror = false;
  return filled;
}

interface MirrorResult {
  readonly cluster: Cluster;
  readonly endpoint: Endpoint | undefined;
  /** 0: no answer. */
  readonly status: number;
  readonly trace: TraceContext | undefined;
  readonly startMs: number;
  readonly path: string;
}

/** The shared record with what became of a copy of the exchange's request. */
export function mirrorRecord(exchange: ExchangeState, result: MirrorResult): RequestRecord {
  const { endpoint, status, startMs } = result;
  const filled = fillRecord(exchange);
  filled.mirror = true;
  filled.startUnixMs = performance.timeOrigin + startMs;
  filled.durationMs = exchange.scope.options.now() - startMs;
  filled.upstreamServiceTimeMs = status === 0 ? -1 : filled.durationMs;
  filled.upstreamPath = result.path;
  filled.cluster = result.cluster;
  filled.endpoint = endpoint;
  filled.status = status;
  filled.grpcStatus = -1;
  filled.overflow = '';
  filled.responseFlags = endpoint === undefined ? 'UH' : status === 0 ? 'UF' : '';
  filled.responseCodeDetails =
    status === 0 ? 'upstream_reset_before_response_started' : 'via_upstream';
  filled.bytesSent = 0;
  filled.attempts = endpoint === undefined ? 0 : 1;
  filled.upstreamLocal = '';
  filled.trace = result.trace;
  return filled;
}

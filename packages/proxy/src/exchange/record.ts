// What is recorded of an exchange. One object serves them all.

import type { RequestRecord } from '../request-record.ts';
import type { ExchangeState } from './exchange-state.ts';

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
  filled.scheme = stream.scheme;
  filled.protocol = stream.protocol;
  filled.status = exchange.status;
  filled.grpcStatus = exchange.grpcStatus;
  filled.responseFlags = exchange.flags;
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
  filled.routeName = exchange.decision?.rule?.ruleName ?? '';
  filled.downstreamRemote = stream.remote;
  filled.downstreamLocal = stream.local;
  filled.upstreamLocal = forwarding?.local ?? '';
  filled.peer = stream.peer;
  filled.trace = prepared?.trace;
  filled.mirror = false;
  return filled;
}

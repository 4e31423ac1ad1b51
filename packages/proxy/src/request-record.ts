// What the exchange says of a request at its end. One object is used again and again: who wants to
// keep something copies it.

import type { RuleEvidence } from '@clover/traffic';
import type { TraceContext } from './telemetry/trace-context.ts';
import type { Cluster, Endpoint } from './upstream/cluster.ts';
import type { GatewayWorkload, Workload } from './workload.ts';

/** The other side of a connection, from its certificate or from headers. */
export interface Peer {
  readonly service: string;
  readonly namespace: string;
  readonly revision: string;
  /** SPIFFE identity without its scheme; '' when the connection has none. */
  readonly principal: string;
}

export interface RequestRecord {
  workload: Workload | GatewayWorkload;
  direction: 'inbound' | 'outbound' | 'gateway';
  /** With fractions: `performance.timeOrigin + performance.now()`. */
  startUnixMs: number;
  durationMs: number;
  method: string;
  /** As the client sent it. */
  path: string;
  /** As the upstream got it. */
  upstreamPath: string;
  authority: string;
  /** The listener's: of the service, or of the gateway's server. */
  port: number;
  scheme: 'http' | 'https';
  /** '' for a connection that is passed on as bytes. */
  protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2' | '';
  /** 0 when the client was gone before there was any. */
  status: number;
  /** -1: not gRPC. */
  grpcStatus: number;
  /** '' or Envoy's, with commas between: UH UF UO NR URX UT DI FI DC UC LR UPE … */
  responseFlags: string;
  /** The limit of its cluster that the request met, of requests or of retries; '' for none. */
  overflow: '' | 'request' | 'retry';
  /** Envoy's: `via_upstream`, `route_not_found`, `fault_filter_abort`, … */
  responseCodeDetails: string;
  /** Bytes of bodies, without framing. */
  bytesReceived: number;
  bytesSent: number;
  userAgent: string;
  requestId: string;
  /** `x-forwarded-for` as sent on. */
  forwardedFor: string;
  cluster: Cluster | undefined;
  endpoint: Endpoint | undefined;
  /** Upstream attempts, retries included. */
  attempts: number;
  /** Until the upstream's first header byte; -1 without an upstream. */
  upstreamServiceTimeMs: number;
  routeName: string;
  /** What it takes to decide again; only of requests whose spans are kept, before their headers were changed. */
  evidence: RuleEvidence | undefined;
  /** `address:port` */
  downstreamRemote: string;
  downstreamLocal: string;
  upstreamLocal: string;
  /** Where the listener listens, when that is not `downstreamLocal`: `0.0.0.0:80`; '' otherwise. */
  listener: string;
  /** That the client's TLS asked for; '' without. */
  serverName: string;
  peer: Peer | undefined;
  trace: TraceContext | undefined;
  /** A copy that a mirror rule sent. */
  mirror: boolean;
}

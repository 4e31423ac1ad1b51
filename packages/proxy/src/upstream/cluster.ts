// What an exchange knows of a destination: endpoints to pick from, limits, and where to report what became of a request.

import type { ConnectionOptions } from 'node:tls';
import type { RoutingTable } from '@clover/traffic';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** `address:port` */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Requests in flight; the exchange counts. */
  active: number;
  /** Here the connection pool keeps what belongs to this endpoint. */
  slot: unknown;
}

/** What consistent hashing may look at. */
export interface HashInput {
  /** By name in lower case. */
  header(name: string): string | undefined;
  readonly sourceIp: string;
  /** With the query, as the client sent it. */
  readonly path: string;
}

export interface ClusterLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
}

export interface ClusterTls {
  /** Asked for each new connection, so that rotated certificates come into use. Without host and port. */
  connectionOptions(endpoint: Endpoint): ConnectionOptions;
}

/** A destination as one client namespace sees it. Everything is called on the hot path and is synchronous. */
export interface Cluster {
  /** Envoy's: `outbound|9180|v1|http-lb.default.svc.cluster.local`. */
  readonly name: string;
  /** As Envoy's Prometheus names have it: `outbound_9180_v1_http-lb_default_svc_cluster_local`. */
  readonly statsName: string;
  readonly limits: ClusterLimits;
  readonly tls: ClusterTls | undefined;
  /** HTTP/2 to the endpoints: by h2UpgradePolicy or the port's protocol. */
  readonly http2: boolean;
  readonly endpoints: readonly Endpoint[];
  /** Gauges that the exchange and the pool count up and down. */
  requests: number;
  retries: number;
  pending: number;
  connections: number;
  /** An endpoint that is not among `tried` if there is one; undefined when none is healthy (503, UH). */
  pick(hash: HashInput | undefined, tried: readonly Endpoint[] | undefined): Endpoint | undefined;
  /** `result`: an HTTP status, or `LOCAL_ORIGIN`'s failures. */
  report(endpoint: Endpoint, result: number): void;
}

/** Failures that outlier detection counts apart from statuses. */
export const LOCAL_ORIGIN = { connect: -1, reset: -2, timeout: -3 } as const;

export interface ClusterSet {
  /** Undefined when the table has no such host, port or subset. */
  get(host: string, subset: string, port: number, clientNamespace: string): Cluster | undefined;
  /** Endpoints that stay keep their state; clusters that are gone end. */
  update(table: RoutingTable): void;
  close(): void;
}

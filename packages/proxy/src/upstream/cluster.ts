// What an exchange knows of a destination: endpoints to pick from, limits, and where to report what became of a request.

import type { ConnectionOptions } from 'node:tls';
import type { RetryBudget, RoutingTable } from '@clover/traffic';

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
  /** Both ends of the client's connection, `10.0.0.7:5123127.0.0.1:80`: what a generated cookie is made of. */
  readonly connection?: string;
  /** Told the `set-cookie` that the answer must carry when a cookie was generated. */
  setCookie?(value: string): void;
}

export interface ClusterLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0: no limit. */
  readonly maxConnectionDurationMs?: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** In the place of `maxRetries` when it is there. */
  readonly retryBudget?: RetryBudget;
}

export interface ClusterTls {
  /** The same for the same settings: while it stays, connections stay. */
  readonly key: string;
  /**
   * Asked for each new connection, so that rotated certificates come into use. Without host and port.
   * Undefined for an endpoint that takes plain text only (automatic mTLS).
   */
  connectionOptions(endpoint: Endpoint): ConnectionOptions | undefined;
  /** What connections to an endpoint are. */
  modeOf(endpoint: Endpoint): 'none' | 'simple' | 'mutual';
}

/** A destination as one client proxy sees it. Everything is called on the hot path and is synchronous. */
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
  /** Whether `pick` looks at its `HashInput`; without it none need be made. */
  readonly hashes: boolean;
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

/** The destinations of one client proxy: limits, ejections and connections are each client's own, as in Istio. */
export interface ClusterSet {
  /** `PassthroughCluster`: wherever the request's host says; pick needs its `HashInput`. */
  readonly passthrough: Cluster;
  /** Undefined when the table has no such host, port or subset. */
  get(host: string, subset: string, port: number, clientNamespace: string): Cluster | undefined;
  /** Endpoints that stay keep their state; clusters that are gone end. */
  update(table: RoutingTable): void;
  /** When every name that the table's services give has been looked up once; never rejects. */
  ready(): Promise<void>;
  /** All clusters in use, for statistics. */
  clusters(): Iterable<Cluster & ClusterHealth>;
  close(): void;
}

/** What statistics tell of a cluster. */
export interface ClusterHealth {
  readonly healthy: number;
  readonly ejections: {
    readonly active: number;
    readonly total: number;
    readonly overflow: number;
  };
  isEjected(endpoint: Endpoint): boolean;
  /** On the clock of the cluster, at the earliest; undefined when it is not ejected. */
  ejectedUntilMs(endpoint: Endpoint): number | undefined;
}

// What a cluster is at the moment it is asked, under Envoy's names.

import type { Cluster } from '../../upstream/cluster.ts';
import { retryLimit } from '../../upstream/retry-limit.ts';
import type { GatewayWorkload, Workload } from '../../workload.ts';

/** A cluster with what its health says, when whoever keeps it tells. */
export interface ObservedCluster extends Pick<
  Cluster,
  'name' | 'statsName' | 'limits' | 'endpoints' | 'requests' | 'retries' | 'pending' | 'connections'
> {
  /** Whose program is behind it, when it is an inbound one. */
  readonly inbound?: Workload | GatewayWorkload;
  readonly healthy?: number;
  readonly ejections?: {
    readonly active: number;
    readonly total: number;
    readonly overflow: number;
  };
}

type Reading = (cluster: ObservedCluster) => number | undefined;
const isOpen = (used: number, limit: number): number => (used >= limit ? 1 : 0);

/** Summed over the views of a cluster that several clients have; the open ones are 0 or 1. */
export const CLUSTER_GAUGES: Readonly<Record<string, Reading>> = {
  upstream_cx_active: (cluster) => cluster.connections,
  upstream_rq_active: (cluster) => cluster.requests,
  upstream_rq_pending_active: (cluster) => cluster.pending,
  membership_total: (cluster) => cluster.endpoints.length,
  membership_healthy: (cluster) => cluster.healthy ?? cluster.endpoints.length,
  circuit_breakers_default_cx_open: (c) => isOpen(c.connections, c.limits.maxConnections),
  circuit_breakers_default_rq_pending_open: (c) => isOpen(c.pending, c.limits.maxPendingRequests),
  circuit_breakers_default_rq_open: (c) => isOpen(c.requests, c.limits.maxRequests),
  circuit_breakers_default_rq_retry_open: (c) => isOpen(c.retries, retryLimit(c)),
  outlier_detection_ejections_active: (cluster) => cluster.ejections?.active,
};

export const CLUSTER_EVENT_COUNTS: Readonly<Record<string, Reading>> = {
  outlier_detection_ejections_enforced_total: (cluster) => cluster.ejections?.total,
  outlier_detection_ejections_total: (cluster) => cluster.ejections?.total,
  outlier_detection_ejections_overflow: (cluster) => cluster.ejections?.overflow,
};

/** Of several views of one cluster: members and open breakers are the same fact, the rest adds up. */
export function combine(gauge: string, values: readonly number[]): number {
  const isShared = gauge.startsWith('membership_') || gauge.startsWith('circuit_breakers_');
  return isShared ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
}

// Clusters and their endpoints as Envoy's `/clusters` page shows them.
// https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters

import type { ObservedCluster } from '../telemetry/metrics/cluster-gauges.ts';
import type { Endpoint } from '../upstream/cluster.ts';

export interface AdminCluster extends ObservedCluster {
  readonly isEjected?: (endpoint: Endpoint) => boolean;
}

export function clustersText(clusters: Iterable<AdminCluster>): string {
  let text = '';
  for (const cluster of clusters) {
    const { name, limits } = cluster;
    const breakers = {
      max_connections: limits.maxConnections,
      max_pending_requests: limits.maxPendingRequests,
      max_requests: limits.maxRequests,
      max_retries: limits.maxRetries,
    };
    text += `${name}::observability_name::${cluster.statsName}\n`;
    for (const [limit, value] of Object.entries(breakers))
      text += `${name}::default_priority::${limit}::${value}\n`;
    for (const endpoint of cluster.endpoints) {
      text += `${name}::${endpoint.key}::rq_active::${endpoint.active}\n`;
      text += `${name}::${endpoint.key}::health_flags::${isEjected(cluster, endpoint) ? '/failed_outlier_check' : 'healthy'}\n`;
    }
  }
  return text;
}

export function clustersJson(clusters: Iterable<AdminCluster>): unknown {
  return {
    cluster_statuses: [...clusters].map((cluster) => ({
      name: cluster.name,
      observability_name: cluster.statsName,
      rq_active: cluster.requests,
      cx_active: cluster.connections,
      host_statuses: cluster.endpoints.map((endpoint) => ({
        address: { socket_address: { address: endpoint.address, port_value: endpoint.port } },
        stats: [{ name: 'rq_active', value: String(endpoint.active), type: 'GAUGE' }],
        health_status: isEjected(cluster, endpoint)
          ? { failed_outlier_check: true }
          : { eds_health_status: 'HEALTHY' },
        labels: endpoint.labels,
      })),
    })),
  };
}

function isEjected(cluster: AdminCluster, endpoint: Endpoint): boolean {
  return cluster.isEjected?.(endpoint) ?? false;
}

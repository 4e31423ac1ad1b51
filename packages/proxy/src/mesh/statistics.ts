// What the clusters of all members are at this moment, for metrics and for whoever asks.

import type { ClusterStatistics, EndpointStatistics } from '../data-plane.ts';
import type { ObservedCluster } from '../telemetry/metrics/cluster-gauges.ts';
import type { Cluster, ClusterHealth, Endpoint } from '../upstream/cluster.ts';
import { UpstreamEndpoint } from '../upstream/upstream-endpoint.ts';
import type { Members } from './members.ts';

/** A destination that is found by each request's host may have any number. */
const MOST_ENDPOINTS = 100;

/** Clusters in use, also those of programs behind inbound listeners and of hosts that nobody declared. */
export function* observedClusters(members: Members): Generator<ObservedCluster> {
  for (const [, { clusters, owner, programs }] of members.all()) {
    yield* clusters.clusters();
    const { passthrough } = clusters;
    if (passthrough.endpoints.length > 0) yield passthrough;
    for (const cluster of programs()) yield { ...cluster, inbound: owner };
  }
}

/** @param now the clock of the clusters, in milliseconds */
export function clusterStatistics(members: Members, now: () => number): ClusterStatistics[] {
  return [...members.all()].flatMap(([client, { clusters }]) =>
    [...clusters.clusters()].map((one) => ({
      client,
      name: one.name,
      requests: one.requests,
      pending: one.pending,
      connections: one.connections,
      endpoints: one.endpoints
        .slice(0, MOST_ENDPOINTS)
        .map((endpoint) => endpointStatistics(one, endpoint, now())),
      endpointCount: one.endpoints.length,
    })),
  );
}

function endpointStatistics(
  cluster: Cluster & ClusterHealth,
  endpoint: Endpoint,
  nowMs: number,
): EndpointStatistics {
  const untilMs = cluster.ejectedUntilMs(endpoint);
  const failedCheck = endpoint instanceof UpstreamEndpoint && endpoint.failedCheck;
  return {
    address: endpoint.key,
    labels: endpoint.labels,
    healthy: untilMs === undefined && !failedCheck,
    ejectedUntil:
      untilMs === undefined
        ? null
        : new Date(Date.now() + Math.max(0, untilMs - nowMs)).toISOString(),
    failedCheck,
    activeRequests: endpoint.active,
    tls: cluster.tls?.modeOf(endpoint) ?? 'none',
  };
}

// What the clusters of all members are at this moment, for metrics and for whoever asks.

import type { ClusterStatistics } from '../data-plane.ts';
import type { ObservedCluster } from '../telemetry/metrics/cluster-gauges.ts';
import type { Members } from './members.ts';

/** Clusters in use, also those of programs behind inbound listeners and of hosts that nobody declared. */
export function* observedClusters(members: Members): Generator<ObservedCluster> {
  for (const [, { clusters, owner, programs }] of members.all()) {
    yield* clusters.clusters();
    const { passthrough } = clusters;
    if (passthrough.endpoints.length > 0) yield passthrough;
    for (const cluster of programs()) yield { ...cluster, inbound: owner };
  }
}

export function clusterStatistics(members: Members): ClusterStatistics[] {
  return [...members.all()].flatMap(([client, { clusters }]) =>
    [...clusters.clusters()].map((one) => ({
      client,
      name: one.name,
      requests: one.requests,
      pending: one.pending,
      connections: one.connections,
      endpoints: one.endpoints.length,
    })),
  );
}

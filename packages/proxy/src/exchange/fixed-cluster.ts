// A cluster of one endpoint with Istio's default limits: the program behind an inbound listener.

import type { Cluster, ClusterLimits, Endpoint } from '../upstream/cluster.ts';

const UNLIMITED = 2 ** 32 - 1;
const DEFAULT_LIMITS: ClusterLimits = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 3_600_000,
  maxRequestsPerConnection: 0,
  maxConnections: UNLIMITED,
  maxPendingRequests: UNLIMITED,
  maxRequests: UNLIMITED,
  maxRetries: UNLIMITED,
};

/** `name` as Envoy's: `inbound|9180||`. */
export function fixedCluster(
  name: string,
  { address, port, http2 }: { address: string; port: number; http2: boolean },
): Cluster {
  const endpoint: Endpoint = {
    address,
    port,
    key: `${address}:${port}`,
    labels: {},
    active: 0,
    slot: undefined,
  };
  return {
    name,
    statsName: name.replaceAll(/[^\w-]/g, '_'),
    limits: DEFAULT_LIMITS,
    tls: undefined,
    http2,
    hashes: false,
    endpoints: [endpoint],
    requests: 0,
    retries: 0,
    pending: 0,
    connections: 0,
    pick: () => endpoint,
    report: () => {},
  };
}

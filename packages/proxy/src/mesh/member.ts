// What a workload or gateway keeps from one configuration to the next: its clusters with their
// connections, and the program behind it.

import { fixedCluster } from '../exchange/fixed-cluster.ts';
import type { ExchangeOptions, RequestSink } from '../exchange/scope.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import type { Cluster, ClusterSet } from '../upstream/cluster.ts';
import type { Workload } from '../workload.ts';

export interface Member {
  readonly clusters: ClusterSet;
  readonly outboundPool: PoolOptions;
  readonly inboundPool: PoolOptions;
  readonly outboundOptions: ExchangeOptions;
  readonly inboundOptions: ExchangeOptions;
  inbound(workload: Workload, servicePort: number): Cluster;
}

export interface MemberOptions {
  readonly now: () => number;
  readonly random?: () => number;
  readonly sink: RequestSink;
  readonly serverName?: string;
  readonly shadowHostSuffix?: boolean;
  readonly lookup?: PoolOptions['lookup'];
  readonly isOwnListener: ExchangeOptions['isOwnListener'];
  readonly load: ExchangeOptions['load'];
  readonly resolve: PoolOptions['resolve'];
  readonly onConnected: NonNullable<PoolOptions['onConnected']>;
}

const MAX_KEPT_BYTES = 1_048_576;

export function createMember(clusters: ClusterSet, options: MemberOptions): Member {
  const { now, resolve, onConnected, lookup } = options;
  const outboundPool: PoolOptions = { now, resolve, onConnected, lookup };
  const inboundPool: PoolOptions = { now, resolve: (endpoint) => endpoint };
  const exchange: Omit<ExchangeOptions, 'pool'> = {
    now,
    random: options.random ?? Math.random,
    sink: options.sink,
    isOwnListener: options.isOwnListener,
    serverName: options.serverName ?? 'clover',
    shadowHostSuffix: options.shadowHostSuffix ?? false,
    maxKeptBytes: MAX_KEPT_BYTES,
    load: options.load,
  };
  /** By service port: a program that moved has another cluster. */
  const programs = new Map<number, Cluster>();
  return {
    clusters,
    outboundPool,
    inboundPool,
    outboundOptions: { ...exchange, pool: outboundPool },
    inboundOptions: { ...exchange, pool: inboundPool },
    inbound({ address, ports }, servicePort) {
      const port = ports[servicePort]!;
      const known = programs.get(servicePort);
      if (known?.endpoints[0]!.key === `${address}:${port}`) return known;
      const cluster = fixedCluster(`inbound|${servicePort}||`, address, port);
      programs.set(servicePort, cluster);
      return cluster;
    },
  };
}

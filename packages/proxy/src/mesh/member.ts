// What a workload or gateway keeps from one configuration to the next: its clusters with their
// connections, and the program behind it.

import { fixedCluster } from '../exchange/fixed-cluster.ts';
import type { ExchangeOptions, RequestSink } from '../exchange/scope.ts';
import type { PoolOptions, Upstream } from '../pool/endpoint-pool.ts';
import type { Cluster, ClusterSet } from '../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import type { Socket } from 'node:net';

export interface Member {
  /** As the configuration in force has it. */
  owner: Workload | GatewayWorkload;
  readonly clusters: ClusterSet;
  readonly outboundPool: PoolOptions;
  readonly inboundPool: PoolOptions;
  readonly outboundOptions: ExchangeOptions;
  readonly inboundOptions: ExchangeOptions;
  /** The program behind a port of its service; `http2`: it speaks that, as its port's protocol says. */
  inbound(workload: Workload, servicePort: number, http2: boolean): Cluster;
  /** Of its own programs, that were asked for so far. */
  programs(): Iterable<Cluster>;
}

export interface MemberOptions {
  readonly owner: Workload | GatewayWorkload;
  readonly now: () => number;
  readonly random?: () => number;
  readonly sink: RequestSink;
  readonly serverName?: string;
  readonly shadowHostSuffix?: boolean;
  readonly lookup?: PoolOptions['lookup'];
  readonly isOwnListener: ExchangeOptions['isOwnListener'];
  readonly load: ExchangeOptions['load'];
  readonly resolve: PoolOptions['resolve'];
  readonly onConnected: (socket: Socket, to: Upstream, isInbound: boolean) => void;
  readonly maxKeptBytes?: number;
}

const MAX_KEPT_BYTES = 1_048_576;

export function createMember(clusters: ClusterSet, options: MemberOptions): Member {
  const { now, resolve, onConnected, lookup, sink } = options;
  const outboundPool: PoolOptions = {
    now,
    resolve,
    lookup,
    onConnected: (socket, to) => onConnected(socket, to, false),
    count: (cluster, name) => sink.clusterStats?.(cluster)?.count(name),
  };
  const inboundPool: PoolOptions = {
    now,
    resolve: (endpoint) => endpoint,
    onConnected: (socket, to) => onConnected(socket, to, true),
    count: (cluster, name) => sink.clusterStats?.(cluster, member.owner)?.count(name),
  };
  const exchange: Omit<ExchangeOptions, 'pool'> = {
    now,
    random: options.random ?? Math.random,
    sink,
    isOwnListener: options.isOwnListener,
    serverName: options.serverName ?? 'clover',
    shadowHostSuffix: options.shadowHostSuffix ?? false,
    maxKeptBytes: options.maxKeptBytes ?? MAX_KEPT_BYTES,
    load: options.load,
  };
  /** By service port: a program that moved has another cluster. */
  const programs = new Map<number, Cluster>();
  const member: Member = {
    owner: options.owner,
    clusters,
    outboundPool,
    inboundPool,
    outboundOptions: { ...exchange, pool: outboundPool },
    inboundOptions: { ...exchange, pool: inboundPool },
    inbound({ address, ports }, servicePort, http2) {
      const port = ports[servicePort]!;
      const known = programs.get(servicePort);
      if (known?.http2 === http2 && known.endpoints[0]!.key === `${address}:${port}`) return known;
      const cluster = fixedCluster(`inbound|${servicePort}||`, { address, port, http2 });
      programs.set(servicePort, cluster);
      return cluster;
    },
    programs: () => programs.values(),
  };
  return member;
}

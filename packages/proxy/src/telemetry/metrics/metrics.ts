// All counters of the data plane and their Prometheus text. Everything a request touches is looked up by
// objects and strings that exist already, and the number of things is bounded: beyond that an `other` counts.

import type { RequestRecord } from '../../request-record.ts';
import type { Cluster } from '../../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../../workload.ts';
import { ClusterStats } from './cluster-stats.ts';
import { clusterFamilies, plainClusterFamilies } from './cluster-families.ts';
import type { ObservedCluster } from './cluster-gauges.ts';
import { namesOf } from './cluster-names.ts';
import { family, labels } from './exposition.ts';
import { createFlagFacts } from './flag-facts.ts';
import { createIstioStats, type IstioStats, type TcpRecord, type TcpMeter } from './istio-stats.ts';
import { listenerFamilies } from './listener-families.ts';
import { ListenerStats } from './listener-stats.ts';

export interface MetricsOptions {
  readonly clusterId: string;
  readonly trustDomain: string;
  /** All clusters in use, asked for at each scrape: gauges come from them. */
  readonly clusters: () => Iterable<ObservedCluster>;
  /** `tagged`: `envoy_cluster_upstream_rq{cluster_name=…}`; `plain`: names as in 2018, with the cluster in them. */
  readonly clusterNames: 'tagged' | 'plain' | 'both';
  readonly maxClusters: number;
  readonly maxListeners: number;
  readonly maxSeries: number;
}

export interface Metrics {
  charge(record: RequestRecord): void;
  clusterStats(
    cluster: Pick<Cluster, 'name' | 'statsName'>,
    inbound?: Workload | GatewayWorkload,
  ): ClusterStats;
  listenerStats(direction: RequestRecord['direction'], local: string): ListenerStats;
  forgetListener(direction: RequestRecord['direction'], local: string): void;
  forgetInbound(workload: Workload | GatewayWorkload): void;
  openTcp(record: TcpRecord): TcpMeter;
  /** Family by family, so that a large scrape can be sent in pieces. */
  families(): Generator<string>;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const facts = createFlagFacts();
  const istio: IstioStats = createIstioStats(options);
  const outbound = new Map<string, ClusterStats>();
  /** An inbound cluster's name says only a port: it belongs to one workload. */
  const inbound = new WeakMap<Workload | GatewayWorkload, Map<string, ClusterStats>>();
  const clusters = new Map<string, ClusterStats>();
  const listeners = { inbound: new Map(), outbound: new Map(), gateway: new Map() } as Record<
    RequestRecord['direction'],
    Map<string, ListenerStats>
  >;
  let overflowedClusters = 0;
  let overflowedListeners = 0;

  function clusterStats(
    cluster: Pick<Cluster, 'name' | 'statsName'>,
    workload?: Workload | GatewayWorkload,
  ): ClusterStats {
    const known = workload === undefined ? outbound : inboundOf(workload);
    return known.get(cluster.name) ?? addCluster(known, cluster, workload);
  }

  function inboundOf(workload: Workload | GatewayWorkload): Map<string, ClusterStats> {
    const known = inbound.get(workload);
    if (known !== undefined) return known;
    const made = new Map<string, ClusterStats>();
    inbound.set(workload, made);
    return made;
  }

  function addCluster(
    known: Map<string, ClusterStats>,
    cluster: Pick<Cluster, 'name' | 'statsName'>,
    workload: Workload | GatewayWorkload | undefined,
  ): ClusterStats {
    const key = workload ? `${cluster.name} ${workload.namespace}/${workload.name}` : cluster.name;
    let stats = clusters.get(key);
    if (stats === undefined && clusters.size >= options.maxClusters) {
      overflowedClusters++;
      stats = clusters.get(OTHER) ?? createStats({ name: OTHER, statsName: OTHER }, undefined);
      clusters.set(OTHER, stats);
      return stats;
    }
    stats ??= createStats(cluster, workload);
    clusters.set(key, stats);
    known.set(cluster.name, stats);
    return stats;
  }

  function addListener(direction: RequestRecord['direction'], local: string): ListenerStats {
    const known = listeners[direction];
    const isFull = known.size >= options.maxListeners;
    if (isFull) overflowedListeners++;
    const key = isFull ? OTHER : local;
    const prefix = `${direction === 'inbound' ? 'inbound' : 'outbound'}_${key.replace(/:(\d+)$/, '_$1')}`;
    const stats =
      known.get(key) ?? new ListenerStats(prefix, labels([['http_conn_manager_prefix', prefix]]));
    known.set(key, stats);
    return stats;
  }

  function listenerStats(direction: RequestRecord['direction'], local: string): ListenerStats {
    return listeners[direction].get(local) ?? addListener(direction, local);
  }

  function* ownFamilies(): Generator<string> {
    const counts = [
      ['cluster', overflowedClusters],
      ['listener', overflowedListeners],
      ['series', istio.overflowed],
    ] as const;
    yield family(
      'clover_proxy_metric_overflows_total',
      'counter',
      counts.map(([kind, value]) => ({ labels: labels([['kind', kind]]), value })),
      'Requests that were not counted apart, because there were too many clusters, listeners or series.',
    );
  }

  return {
    charge(record) {
      const flags = facts(record.responseFlags);
      const { cluster } = record;
      if (cluster !== undefined && flags.isCharged && (record.attempts > 0 || flags.id !== 0))
        clusterStats(cluster, record.direction === 'inbound' ? record.workload : undefined).charge(
          record,
          flags,
        );
      if (record.mirror) return;
      listenerStats(record.direction, record.listener || record.downstreamLocal).charge(
        record,
        flags,
      );
      istio.charge(record, flags);
    },
    clusterStats,
    listenerStats,
    forgetListener: (direction, local) => void listeners[direction].delete(local),
    forgetInbound(workload) {
      const owner = ` ${workload.namespace}/${workload.name}`;
      for (const key of clusters.keys()) if (key.endsWith(owner)) clusters.delete(key);
      inbound.delete(workload);
    },
    openTcp: istio.openTcp,
    *families() {
      const now = [...options.clusters()];
      const known = [...clusters.values()];
      if (options.clusterNames !== 'plain') yield* clusterFamilies(known, now);
      if (options.clusterNames !== 'tagged') yield* plainClusterFamilies(known, now);
      yield* listenerFamilies(Object.values(listeners).flatMap((map) => [...map.values()]));
      yield* istio.families();
      yield* ownFamilies();
    },
  };
}

const OTHER = 'other';

function createStats(
  cluster: Pick<Cluster, 'name' | 'statsName'>,
  workload: Workload | GatewayWorkload | undefined,
): ClusterStats {
  const { tagged, plain } = namesOf(cluster, workload);
  return new ClusterStats(cluster.name, tagged, plain);
}

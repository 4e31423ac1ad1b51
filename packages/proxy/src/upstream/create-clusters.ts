// The destinations of one client proxy, made when they are first asked for and kept up to date.

import {
  clusterPolicy,
  findSubset,
  isHttp2,
  type ClusterPolicy,
  type RoutingTable,
  type ServiceInfo,
} from '@clover/traffic';
import type { Cluster, ClusterHealth, ClusterSet, ClusterTls, Endpoint } from './cluster.ts';
import { createEndpointRegistry, type EndpointRegistry } from './endpoint-registry.ts';
import { isOnDemand, type ServicePort } from './endpoints-of.ts';
import { OnDemandCluster } from './on-demand-cluster.ts';
import { UpstreamCluster, type ClusterSettings } from './upstream-cluster.ts';
import type { EndpointSpec } from './upstream-endpoint.ts';

export interface ClustersOptions {
  readonly table: RoutingTable;
  /** Shared by the sets of all clients, and then updated and closed by its owner; the set makes its own without. */
  readonly registry?: EndpointRegistry;
  /** The client's own labels, by which DestinationRules may choose it; asked whenever a cluster is made or updated. */
  readonly clientLabels?: () => Readonly<Record<string, string>>;
  /** How this client speaks TLS to a destination; plain text without. */
  readonly clientTls?: (destination: TlsDestination) => ClusterTls | undefined;
  /** Told of endpoints that are no longer used, so that their connections can be closed. */
  readonly released?: (endpoint: Endpoint) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/** What TLS to a destination depends on. */
export interface TlsDestination {
  readonly service: ServiceInfo;
  readonly port: number;
  readonly subset: string;
  readonly clusterName: string;
  readonly tls: ClusterPolicy['tls'];
  readonly http2: boolean;
}

interface Entry {
  readonly clientNamespace: string;
  readonly host: string;
  readonly port: number;
  readonly subset: string;
  readonly cluster: UpstreamCluster | OnDemandCluster;
}

/** Clusters by client namespace, host, port and subset; see `ClusterSet`. */
export function createClusters(options: ClustersOptions): ClusterSet {
  const { now = () => performance.now(), random = Math.random, released = () => {} } = options;
  const { clientLabels = () => ({}) } = options;
  const registry = options.registry ?? createEndpointRegistry({ table: options.table });
  let table = options.table;
  const index = new Map<string, Map<string, Map<number, Map<string, Entry>>>>();
  const passthrough = new OnDemandCluster('PassthroughCluster', settingsOf(undefined), {
    host: undefined,
    port: 80,
    fixed: false,
    now,
    released,
  });

  const shared = {
    now,
    random,
    released,
    isHealthy: (spec: EndpointSpec) => registry.isHealthy(spec),
  };

  function settingsOf(found: Found | undefined): ClusterSettings {
    const policy = found?.policy ?? clusterPolicy(undefined, '', 0);
    if (!found) return { policy, http2: false, tls: undefined };
    const http2 = policy.http2 === 'UPGRADE' || isHttp2(found.port.protocol);
    const tls = options.clientTls?.({
      service: found.service,
      port: found.port.number,
      subset: found.subset,
      clusterName: found.name,
      tls: policy.tls,
      http2,
    });
    return { policy, http2, tls };
  }

  function make(host: string, subset: string, port: number, clientNamespace: string) {
    const found = find(table, { host, subset, port, clientNamespace }, clientLabels());
    if (!found) return undefined;
    const settings = settingsOf(found);
    if (isOnDemand(found.service)) {
      const fixedHost = found.service.host.startsWith('*') ? undefined : found.service.host;
      return new OnDemandCluster(found.name, settings, {
        host: fixedHost,
        port: found.port.number,
        fixed: true,
        now,
        released,
      });
    }
    const cluster = new UpstreamCluster(found.name, settings, shared);
    cluster.place(registry.endpoints(found.service, found.port, found.labels));
    return cluster;
  }

  function refresh(entry: Entry, settingsToo: boolean): boolean {
    const { cluster } = entry;
    const found = find(table, entry, clientLabels());
    if (!found || isOnDemand(found.service) !== cluster instanceof OnDemandCluster) return false;
    if (cluster instanceof OnDemandCluster) cluster.update(settingsOf(found));
    else {
      const specs = registry.endpoints(found.service, found.port, found.labels);
      if (settingsToo) cluster.update(settingsOf(found), specs);
      else cluster.place(specs);
    }
    return true;
  }

  const unsubscribe = registry.subscribe({
    resolved() {
      for (const entry of entries()) refresh(entry, false);
    },
    checked(key, passed) {
      for (const { cluster } of entries()) {
        if (cluster instanceof OnDemandCluster) continue;
        for (const one of cluster.endpoints)
          if (one.spec.checkKey === key) cluster.checked(one, passed);
      }
    },
  });

  function* entries(): Generator<Entry> {
    for (const hosts of index.values())
      for (const ports of hosts.values())
        for (const subsets of ports.values()) yield* subsets.values();
  }

  return {
    passthrough,
    get(host, subset, port, clientNamespace): Cluster | undefined {
      const known = index.get(clientNamespace)?.get(host)?.get(port)?.get(subset);
      if (known !== undefined) return known.cluster;
      const cluster = make(host, subset, port, clientNamespace);
      if (cluster) {
        const hosts = child(index, clientNamespace);
        const subsets = child(child(hosts, host), port);
        subsets.set(subset, { clientNamespace, host, port, subset, cluster });
      }
      return cluster;
    },
    update(next) {
      table = next;
      if (!options.registry) registry.update(next);
      for (const entry of entries()) {
        if (refresh(entry, true)) continue;
        entry.cluster.close();
        index.get(entry.clientNamespace)?.get(entry.host)?.get(entry.port)?.delete(entry.subset);
      }
    },
    ready: () => registry.ready(),
    *clusters(): Generator<Cluster & ClusterHealth> {
      for (const { cluster } of entries()) yield cluster;
    },
    close() {
      unsubscribe();
      for (const { cluster } of entries()) cluster.close();
      passthrough.close();
      index.clear();
      if (!options.registry) registry.close();
    },
  };
}

interface Found {
  readonly name: string;
  readonly service: ServiceInfo;
  readonly port: ServicePort;
  readonly subset: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly policy: ClusterPolicy;
}

function find(
  table: RoutingTable,
  { host, subset, port, clientNamespace }: Omit<Entry, 'cluster'>,
  clientLabels: Readonly<Record<string, string>>,
): Found | undefined {
  const service = table.services.get(host);
  const servicePort = service?.ports.find((one) => one.number === port);
  if (!service || !servicePort) return undefined;
  const rule = table.destinationRule(host, clientNamespace, clientLabels);
  const chosen = subset === '' ? undefined : findSubset(rule, subset);
  if (subset !== '' && !chosen) return undefined;
  return {
    name: `outbound|${port}|${subset}|${host}`,
    service,
    port: servicePort,
    subset,
    labels: chosen?.labels ?? {},
    policy: clusterPolicy(rule, subset, port),
  };
}

function child<Key, OwnKey, Value>(
  map: Map<Key, Map<OwnKey, Value>>,
  key: Key,
): Map<OwnKey, Value> {
  let found = map.get(key);
  if (!found) map.set(key, (found = new Map()));
  return found;
}

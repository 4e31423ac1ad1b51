// What a listener enforces: whom it speaks for and by which table. Replaced whole when the
// configuration changes; requests under way keep the one they began with.

import type { Caller, RouteView, RoutingTable } from '@clover/traffic';
import type { Authorization } from '../authorization/authorization.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import type { RequestRecord } from '../request-record.ts';
import type { HeaderLookup } from '../telemetry/format/operators.ts';
import type { ClusterStats } from '../telemetry/metrics/cluster-stats.ts';
import type { TcpMeter, TcpRecord } from '../telemetry/metrics/istio-stats.ts';
import type { ListenerStats } from '../telemetry/metrics/listener-stats.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import type { Cluster, ClusterSet } from '../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import type { Load } from './load.ts';
import type { RoutePlans } from './route-plan.ts';

/** Where the records of requests go. */
export interface RequestSink {
  readonly sampler: Sampler;
  /** It wants to look at headers: `record` is to be given a lookup. */
  readonly needsHeaders?: boolean;
  /** Must not keep the record. */
  record(record: RequestRecord, headers?: HeaderLookup): void;
  /** Where the connections of a cluster are counted. */
  clusterStats?(
    cluster: Pick<Cluster, 'name' | 'statsName'>,
    inbound?: Workload | GatewayWorkload,
  ): ClusterStats;
  /** Where the connections of a listener are counted. */
  listenerStats?(direction: RequestRecord['direction'], local: string): ListenerStats;
  /** A listener that is gone: its numbers are told no more. */
  forgetListener?(direction: RequestRecord['direction'], local: string): void;
  /** The same for the inbound clusters of a workload. */
  forgetInbound?(workload: Workload | GatewayWorkload): void;
  /** Where a connection that is passed on as bytes is counted. */
  openTcp?(record: TcpRecord): TcpMeter;
}

/** What all scopes of a data plane have in common. */
export interface ExchangeOptions {
  readonly now: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly sink: RequestSink;
  readonly pool: PoolOptions;
  /** Whether a host and port are one of this data plane's own. */
  readonly isOwnListener: (host: string, port: number) => boolean;
  /** `server` of every answer. */
  readonly serverName: string;
  /** Adds `-shadow` to the host of mirrored requests, as Istio did before 1.28. */
  readonly shadowHostSuffix: boolean;
  /** Bodies up to this are kept for retries and mirrors. */
  readonly maxKeptBytes: number;
  /** Of all exchanges together. */
  readonly load: Load;
}

export interface Scope {
  readonly direction: RequestRecord['direction'];
  readonly workload: Workload | GatewayWorkload;
  readonly caller: Caller;
  /** The service's port, or the gateway server's; of a request in absolute form its own is taken. */
  readonly port: number;
  /** An HTTP proxy: requests name host and port themselves. */
  readonly isForwardProxy: boolean;
  readonly table: RoutingTable;
  readonly view: RouteView;
  readonly clusters: ClusterSet;
  readonly plans: RoutePlans;
  /** The program behind an inbound listener; undefined elsewhere. */
  readonly inbound: Cluster | undefined;
  /** Whom requests are asked about before they go on; undefined for nobody. */
  readonly authorization: Authorization | undefined;
  /** `address:port`; '' before it listens. */
  readonly listener: string;
  /** Where the listener's own counts are kept; undefined for nowhere. */
  readonly meter: ListenerStats | undefined;
  readonly options: ExchangeOptions;
}

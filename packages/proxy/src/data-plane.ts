// What stands between the controller and whatever carries the traffic: the built-in proxy in this
// process or in one of its own.

import type { MeshOptions, Resource } from '@clover/traffic';
import type { ExtensionProvider } from './authorization/extension-provider.ts';
import type { GatewayWorkload, Workload } from './workload.ts';

export interface DataPlaneConfig {
  readonly resources: readonly Resource[];
  readonly mesh?: MeshOptions;
  readonly workloads: readonly Workload[];
  readonly gateways: readonly GatewayWorkload[];
  /** Whom AuthorizationPolicies of action CUSTOM may name. */
  readonly extensionProviders?: readonly ExtensionProvider[];
  /** Addresses that listeners had before, to be taken again where they are free. */
  readonly keep?: readonly ListenerAddress[];
}

export interface ListenerAddress {
  /** `namespace/name` of the workload or gateway. */
  readonly owner: string;
  /** `proxy`: the port for `HTTP_PROXY`. */
  readonly direction: 'inbound' | 'outbound' | 'gateway' | 'proxy';
  /** Of the service or the gateway's server; 0 for `proxy`. */
  readonly servicePort: number;
  readonly address: string;
  readonly port: number;
}

export interface AppliedConfig {
  /** Counts the configurations in force, from 1. */
  readonly version: number;
  readonly listeners: readonly ListenerAddress[];
}

export interface DataPlaneHealth {
  readonly live: boolean;
  /** Of the configuration in force; 0 before the first. */
  readonly version: number;
  /** How often the process had to be started again. */
  readonly restarts: number;
  readonly detail: string;
}

export interface ClusterStatistics {
  readonly client: string;
  readonly name: string;
  readonly requests: number;
  readonly pending: number;
  readonly connections: number;
  /** The first hundred of `endpointCount`. */
  readonly endpoints: readonly EndpointStatistics[];
  readonly endpointCount: number;
}

export interface EndpointStatistics {
  /** `address:port` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It gets requests: not ejected, and its health check does not say otherwise. */
  readonly healthy: boolean;
  /** At the earliest, ISO 8601; null when it is not ejected. */
  readonly ejectedUntil: string | null;
  readonly failedCheck: boolean;
  readonly activeRequests: number;
  /** How connections to it are made. */
  readonly tls: 'none' | 'simple' | 'mutual';
}

export interface DataPlaneStatistics {
  readonly connections: number;
  readonly refusedConnections: number;
  /** Of request bodies that are held or kept, and of answers over HTTP/2 that wait for their clients. */
  readonly bufferedBytes: number;
  /** Bodies that were passed on without being kept for retries and mirrors, because too much is kept. */
  readonly bodiesNotKept: number;
  /** Requests answered with 503 and OM, because there was no room to hold their body. */
  readonly requestsRefused: number;
  /** Copies for mirrors that were not sent, because too many were under way. */
  readonly mirrorsDropped: number;
  /** Answers over HTTP/2 that were cut off because memory was short and their clients did not read. */
  readonly answersCut: number;
  /** Mistakes of the proxy's own that ended a connection; each is told on standard error. */
  readonly bugs: number;
  readonly clusters: readonly ClusterStatistics[];
}

export interface DataPlane {
  /**
   * Puts a configuration in force: all of it at once, for requests that begin from then on, or none of it.
   * Rejects with a `CloverError` and leaves the old one when it cannot be.
   */
  apply(config: DataPlaneConfig): Promise<AppliedConfig>;
  addresses(): readonly ListenerAddress[];
  health(): DataPlaneHealth;
  statistics(): Promise<DataPlaneStatistics>;
  /** Requests under way are answered first, within a few seconds. */
  close(): Promise<void>;
}

export type {
  AppliedConfig,
  ClusterStatistics,
  DataPlane,
  DataPlaneConfig,
  DataPlaneHealth,
  DataPlaneStatistics,
  ListenerAddress,
} from './data-plane.ts';
export type { ConnectionLimits } from './downstream/connection-limits.ts';
export type { RequestSink } from './exchange/scope.ts';
export { createDataPlane, type DataPlaneOptions } from './mesh/create-data-plane.ts';
export type { Peer, RequestRecord } from './request-record.ts';
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/telemetry.ts';
export type { TraceContext } from './telemetry/trace-context.ts';
export {
  LOCAL_ORIGIN,
  type Cluster,
  type ClusterHealth,
  type ClusterLimits,
  type ClusterSet,
  type ClusterTls,
  type Endpoint,
  type HashInput,
} from './upstream/cluster.ts';
export {
  createClusters,
  type ClustersOptions,
  type TlsDestination,
} from './upstream/create-clusters.ts';
export {
  createEndpointRegistry,
  type EndpointRegistry,
  type EndpointRegistryOptions,
} from './upstream/endpoint-registry.ts';
export type { GatewayWorkload, Workload } from './workload.ts';

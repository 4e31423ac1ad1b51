export type {
  Authorization,
  AuthorizationRequest,
  HeaderPair,
  Verdict,
} from './authorization/authorization.ts';
export type { ExtAuthz, ExtensionProvider } from './authorization/extension-provider.ts';
export {
  createAuthorization,
  type AuthorizationOptions,
} from './authorization/external-authorizer.ts';
export { openAuthority, type Authority, type AuthorityOptions } from './identity/authority.ts';
export { createClientTls, type ClientTlsOptions } from './identity/client-tls.ts';
export {
  createGatewayTerminators,
  createGatewayTls,
  type GatewayTlsOptions,
} from './identity/gateway-tls.ts';
export {
  createIdentities,
  type Identities,
  type IdentitiesOptions,
  type Identity,
} from './identity/identities.ts';
export { createInboundTls, type InboundTlsOptions } from './identity/inbound-tls.ts';
export { parseSpiffeId, spiffeId, type ServiceAccount } from './identity/spiffe.ts';
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
export {
  createDataPlane,
  type DataPlaneOptions,
  type LocalDataPlane,
} from './mesh/create-data-plane.ts';
export type { Peer, RequestRecord } from './request-record.ts';
export {
  startAdminServer,
  type AdminServer,
  type AdminServerOptions,
} from './admin/admin-server.ts';
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/telemetry.ts';
export type { TraceContext } from './telemetry/trace-context.ts';
export {
  createConnectionRouter,
  type ConnectionRouter,
  type ConnectionRouterOptions,
} from './tcp/connection-router.ts';
export {
  createTcpProxy,
  type TcpContext,
  type TcpProxy,
  type TcpProxyOptions,
  type TcpRecord,
} from './tcp/tcp-proxy.ts';
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
export type { WorkerSettings } from './worker/messages.ts';
export {
  spawnDataPlane,
  type SpawnedDataPlane,
  type SpawnOptions,
} from './worker/spawn-data-plane.ts';

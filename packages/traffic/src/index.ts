export { compile, type MeshOptions, type RoutingTable } from './compile.ts';
export { findSubset } from './destination-rules.ts';
export type { ServiceInfo } from './services.ts';
export { applyHeaders, decide, type Decision, type Outcome } from './decide.ts';
export type { Caller, TrafficRequest } from './request.ts';
export type { Resource } from './resource.ts';
export { explain, type Explanation, type RuleTrace } from './explain.ts';
export type { Finding, Position, Severity } from './finding.ts';
export {
  formatPath,
  readResources,
  type ReadResult,
  type SourceFile,
} from './read/read-resources.ts';
export type { RuleRef } from './route.ts';
export { analyze } from './analyze/analyze.ts';
export { readRouteTests, type RouteTest } from './route-tests/route-test.ts';
export {
  runRouteTests,
  type RouteTestResult,
  type RouteTestRun,
} from './route-tests/run-route-tests.ts';
export {
  clusterPolicy,
  type ClusterPolicy,
  type ConnectionLimits,
  type HashKey,
  type LoadBalancing,
  type OutlierPolicy,
  type Warmup,
} from './cluster-policy.ts';
export type { ClientTlsSpec } from './traffic-policy.ts';

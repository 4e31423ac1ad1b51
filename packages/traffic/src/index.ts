export {
  compile,
  type MeshOptions,
  type OutboundTrafficPolicy,
  type RouteView,
  type RoutingTable,
} from './compile.ts';
export {
  decideConnection,
  type Connection,
  type ConnectionDecision,
  type ConnectionOutcome,
} from './connection/decide-connection.ts';
export {
  connectionTo,
  explainConnection,
  type ConnectionExplanation,
} from './connection/explain-connection.ts';
export type { ConnectionDestination } from './connection/filter-chain.ts';
export { findSubset } from './destination-rules.ts';
export { isHttp, isHttp2, type ServiceEndpoint, type ServiceInfo } from './services.ts';
export { applyHeaders, decide, decideHead, type Decision, type Outcome } from './decide.ts';
export { normalizePath } from './normalize-path.ts';
export { hostnameOf, type Caller, type RequestHead, type TrafficRequest } from './request.ts';
export { hostAliases, resolveHost } from './host.ts';
export type { DestinationRule, HeaderOperations, HttpRetry, Resource } from './resource.ts';
export { isRetryCondition } from './validate/retries.ts';
export { explain, type Explanation, type RuleTrace } from './explain.ts';
export type { Finding, Position, Severity } from './finding.ts';
export {
  formatPath,
  readResources,
  type ReadResult,
  type SourceFile,
} from './read/read-resources.ts';
export type {
  DirectResponseAction,
  Fault,
  ForwardAction,
  MirrorTarget,
  RedirectAction,
  RouteDestination,
  RuleRef,
} from './route.ts';
export type { HeaderOperator } from './validate/header-value.ts';
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
  type RetryBudget,
  type Warmup,
} from './cluster-policy.ts';
export type { ClientTlsSpec } from './traffic-policy.ts';
export type { AskedRequest, KnownAnswer } from './explain/asked-request.ts';
export {
  decideSeen,
  type AbsentHeaders,
  type HeaderKnowledge,
  type SeenDecision,
} from './explain/decide-seen.ts';
export { ruleEvidence, type RecordedEvidence, type RuleEvidence } from './explain/rule-evidence.ts';
export {
  decisionLine,
  effectKey,
  type DecisionLine,
  type LineDestination,
} from './explain/decision-line.ts';
export { declaredRules, type DeclaredRule, type DeclaredShare } from './explain/declared-rules.ts';
export { diffObserved, type ObservedChange, type ObservedDiff } from './diff/diff-observed.ts';
export type { ConnectionClass } from './diff/diff-connections.ts';
export { connectionText } from './diff/connection-effect.ts';
export { diffTables, type DiffClass, type DiffSide, type TableDiff } from './diff/diff-tables.ts';
export type { Change } from './diff/tell-changes.ts';
export { explainRequest, type ExplainedRequest } from './explain/explain-request.ts';
export { createCallerFinder, type CallerFinder, type FoundCaller } from './explain/find-caller.ts';
export { policyOf, type DestinationPolicy } from './explain/policy.ts';
export { requestsOfJson, requestsOfLine, type LineRequests } from './explain/read-requests.ts';
export {
  ABSENT_ATTRIBUTE,
  LABELS_ATTRIBUTE,
  MATCHES_ATTRIBUTE,
  PORT_ATTRIBUTE,
  requestOfSpan,
  type ProxySpan,
} from './explain/requests-of-spans.ts';
export { findWorkloads, type Workload } from './explain/workloads.ts';
export type { ReadinessProbe } from './readiness-probe.ts';
export {
  decideObserved,
  ruleKey,
  type DecidedRequests,
  type ObservedRequests,
} from './verify/observed.ts';
export {
  verifyTraffic,
  type JudgedCheck,
  type JudgedRule,
  type VerifiedTraffic,
} from './verify/verify-traffic.ts';
export {
  peerModes,
  type AcceptingWorkload,
  type PeerMode,
  type PeerModes,
} from './peer-authentication.ts';
export type { ServerTls } from './resource.ts';
export { gatewayProgram, type GatewayIdentity } from './gateway-program.ts';
export {
  clientCredentials,
  clientNeeds,
  clientsMayFind,
  findSecret,
  missingForClient,
  secretsForClients,
  type ClientCredentialUse,
} from './secret/client-credential.ts';
export type { SecretCredential } from './secret/credential-of.ts';
export { secretCredentials, type SecretCredentials } from './secret/secret-credentials.ts';
export { REDACTED, type SecretSpec } from './secret/secret-spec.ts';
export {
  customAuthorization,
  type CustomAuthorization,
} from './authorization/custom-authorization.ts';
export { textMatches, type AuthorizationSubject } from './authorization/match-rule.ts';
export { CRD_SCHEMAS } from './gen/crd-schemas.ts';

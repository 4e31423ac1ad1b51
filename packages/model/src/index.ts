export { CloverError } from './errors.ts';
export {
  SPAN_KINDS,
  STATUS_CODES,
  DIRECTIONS,
  type AttributeValue,
  type Attributes,
  type SpanKind,
  type StatusCode,
  type Direction,
  type SpanEvent,
  type SpanLink,
  type Span,
} from './span.ts';
export {
  STRING_COLUMNS,
  ATTRIBUTE_TYPES,
  type StringColumnName,
  type AttributeLists,
  type AttributeType,
  type SpanBatch,
  batchText,
} from './span-batch.ts';
export {
  METRIC_TYPES,
  type MetricType,
  type MetricSeries,
  type MetricBatch,
} from './metric-batch.ts';
export { formatAge, parseDurationMs, parseTimeMs, parseTimeRange, type TimeRange } from './time.ts';
export {
  FILTER_OPERATORS,
  parseFilter,
  formatFilter,
  parseScope,
  type FilterOperator,
  type Filter,
  type Scope,
} from './filter.ts';
export {
  trackedMetricNames,
  metricSpelling,
  isTracked,
  type TrackedSettings,
  type TrackedName,
} from './tracked-metrics.ts';
export { isFailed, type FailureFacts } from './failed.ts';
export { GRPC_STATUSES } from './grpc-statuses.ts';
export { wholeRange, wholeValues } from './whole-steps.ts';
export { nearest } from './nearest.ts';
export { RESOURCE_KINDS, resourceKindOf, type ResourceKind } from './resource-kinds.ts';
export {
  UnixNano,
  ScopeQuery,
  Meta,
  type Signal,
  Latency,
  Red,
  WholeSteps,
  items,
  Problem,
  type QueryInput,
  type BodyInput,
} from './api/common.ts';
export { SystemCounts, Overview, OverviewCalls, OverviewRequests } from './api/system.ts';
export {
  SampleResource,
  SampleSystem,
  SampleSystemChanged,
  SampleSystemDelete,
} from './api/sample-system.ts';
export {
  ServiceSummary,
  ServicesAnswer,
  OperationSummary,
  OperationsAnswer,
  ResponseTimesQuery,
  ResponseTime,
  ResponseTimesAnswer,
} from './api/services.ts';
export {
  LatencyQuery,
  LatencyHistogram,
  HeatmapQuery,
  LatencyHeatmap,
  ExemplarsQuery,
  ExemplarsAnswer,
} from './api/latency.ts';
export {
  COUNT_KEYS,
  CountsQuery,
  CountRow,
  CountsAnswer,
  DistinctAnswer,
  AttributeKeysAnswer,
  AttributeValuesQuery,
  AttributeValuesAnswer,
} from './api/counts.ts';
export { RatesQuery, RateSeries, RatesAnswer } from './api/rates.ts';
export {
  GraphQuery,
  GraphNode,
  GraphEdge,
  GraphAnswer,
  EdgesAnswer,
  LostEdge,
  LostAnswer,
} from './api/graph.ts';
export {
  TracesQuery,
  TraceSummary,
  TracesAnswer,
  TraceSpan,
  TraceDetail,
  CriticalPathQuery,
  CriticalPathAnswer,
  ErrorGroup,
  ErrorsAnswer,
} from './api/traces.ts';
export { CompareQuery, CompareAnswer, ExplainQuery, ExplainAnswer } from './api/compare.ts';
export {
  TrackedMetric,
  TrackedMetricsAnswer,
  MetricNamesQuery,
  MetricNamesAnswer,
  MetricSeriesQuery,
  MetricSeriesAnswer,
} from './api/metrics.ts';
export { Source, SourcesAnswer, ImportQuery, ImportAnswer } from './api/sources.ts';
export {
  VisibilityStart,
  VisibilitySet,
  VisibilityClear,
  VisibilityStatus,
} from './api/visibility.ts';
export { LiveEvent, VersionAnswer } from './api/events.ts';
export { ConfigItem, ConfigAnswer } from './api/config.ts';
export {
  IdsAlert,
  IdsAlertsBody,
  IdsAlertsQuery,
  IdsAlertsAnswer,
  UploadReport,
  UploadsBody,
  UploadsQuery,
  UploadsAnswer,
  ReportsTaken,
} from './api/ids.ts';
export {
  ProxySet,
  LoadBalancerSet,
  ServerSet,
  ServiceChanged,
  IdsRuleSet,
  IdsRulesAnswer,
  IdsControl,
} from './api/services-control.ts';
export {
  TrafficFinding,
  TrafficResourcesQuery,
  TrafficResource,
  TrafficResourcesAnswer,
  TrafficApplyQuery,
  TrafficApply,
  TrafficValidate,
  TrafficValidateAnswer,
  ResourceName,
  ResourceChange,
  TrafficDelete,
  TrafficUndo,
  DataPlaneApplied,
  TrafficChangeAnswer,
  TrafficHistoryQuery,
  TrafficRevision,
  TrafficHistoryAnswer,
  TrafficDiffQuery,
  TrafficDiffAnswer,
  TrafficFindingsAnswer,
  TrafficEffectiveAnswer,
  TrafficSchemasAnswer,
} from './api/traffic.ts';
export { FaultSwitch, FaultsAnswer, FaultInject } from './api/faults.ts';
export { RouteQuestion, RouteAnswer } from './api/explain-route.ts';
export {
  WorkloadJoin,
  WorkloadHeartbeat,
  WorkloadListeners,
  WorkloadStatus,
  WorkloadsAnswer,
  WorkloadJoined,
  MeshAnswer,
  MeshCluster,
  MeshEndpoint,
  MeshStatistics,
  MeshStatisticsAnswer,
} from './api/mesh.ts';
export {
  TrafficRequestsQuery,
  TrafficRequestGroup,
  TrafficRequestsAnswer,
} from './api/traffic-requests.ts';
export { TrafficClass, TrafficClasses } from './api/traffic-class.ts';
export { TrafficVerify, TrafficVerifyAnswer } from './api/traffic-verify.ts';

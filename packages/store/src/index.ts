export { openStore } from './open-store.ts';
export { attributeKeys } from './queries/attribute-keys.ts';
export { attributeValues } from './queries/attribute-values.ts';
export { compare } from './queries/compare.ts';
export { counts } from './queries/counts.ts';
export { criticalPath } from './queries/critical-path.ts';
export { distinct } from './queries/distinct.ts';
export { edgeHistograms, type Bins, type EdgeHistogram } from './queries/edge-histograms.ts';
export { edges } from './queries/edges.ts';
export { errors } from './queries/errors.ts';
export { explain } from './queries/explain.ts';
export { graph } from './queries/graph.ts';
export { idsAlerts } from './queries/ids-alerts.ts';
export { latencyHeatmap } from './queries/latency-heatmap.ts';
export { latencyHistogram } from './queries/latency-histogram.ts';
export { lost } from './queries/lost.ts';
export { metricNames } from './queries/metric-names.ts';
export { metricSeries } from './queries/metric-series.ts';
export { operationNames, serviceNames } from './queries/names.ts';
export { operations } from './queries/operations.ts';
export { exemplars } from './queries/exemplars.ts';
export { overview } from './queries/overview.ts';
export { overviewCalls } from './queries/overview-calls.ts';
export { overviewRequests } from './queries/overview-requests.ts';
export { rates } from './queries/rates.ts';
export { responseTimes } from './queries/response-times.ts';
export { searchTraces } from './queries/search-traces.ts';
export { services } from './queries/services.ts';
export { spansOfTraces, type StoredSpan } from './queries/spans-of-traces.ts';
export { systemCounts } from './queries/system-counts.ts';
export { traceDetail } from './queries/trace-detail.ts';
export { trafficRequests } from './queries/traffic-requests.ts';
export { trackedMetrics } from './queries/tracked-metrics.ts';
export { uploads } from './queries/uploads.ts';
export { DEFAULT_RETENTION } from './retention.ts';
export type {
  Gap,
  Queryable,
  Refusal,
  Retention,
  SelectOptions,
  Store,
  StoreInfo,
  StoreLogger,
  StoreOptions,
} from './store.ts';

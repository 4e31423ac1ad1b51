// One method per endpoint. The types are the model's; answers are not checked again here, because
// the server made them from the same schemas and a page must not carry a validator for them.
import type {
  AttributeKeysAnswer,
  AttributeValuesAnswer,
  AttributeValuesQuery,
  BodyInput,
  CompareAnswer,
  CompareQuery,
  CountsAnswer,
  CountsQuery,
  CriticalPathAnswer,
  CriticalPathQuery,
  DistinctAnswer,
  EdgesAnswer,
  FaultInject,
  FaultsAnswer,
  ErrorsAnswer,
  ExplainAnswer,
  ExplainQuery,
  GraphAnswer,
  GraphQuery,
  ExemplarsAnswer,
  ExemplarsQuery,
  HeatmapQuery,
  IdsAlertsAnswer,
  IdsAlertsQuery,
  IdsRulesAnswer,
  IdsRuleSet,
  ImportAnswer,
  ImportQuery,
  LatencyHeatmap,
  LatencyHistogram,
  LatencyQuery,
  LoadBalancerSet,
  LostAnswer,
  MeshAnswer,
  MeshStatisticsAnswer,
  MetricNamesAnswer,
  MetricNamesQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
  OperationsAnswer,
  Overview,
  OverviewCalls,
  OverviewRequests,
  ProxySet,
  QueryInput,
  RatesAnswer,
  RatesQuery,
  ResponseTimesAnswer,
  ResponseTimesQuery,
  RouteAnswer,
  RouteQuestion,
  SampleSystem,
  SampleSystemChanged,
  SampleSystemDelete,
  ScopeQuery,
  ServerSet,
  ServiceChanged,
  ServicesAnswer,
  SourcesAnswer,
  SystemCounts,
  TraceDetail,
  TracesAnswer,
  TracesQuery,
  TrackedMetricsAnswer,
  TrafficApply,
  TrafficChangeAnswer,
  TrafficDelete,
  TrafficDiffAnswer,
  TrafficDiffQuery,
  TrafficEffectiveAnswer,
  TrafficFindingsAnswer,
  TrafficHistoryAnswer,
  TrafficHistoryQuery,
  TrafficResource,
  TrafficResourcesAnswer,
  TrafficResourcesQuery,
  TrafficRevision,
  TrafficSchemasAnswer,
  TrafficUndo,
  TrafficValidate,
  TrafficValidateAnswer,
  TrafficRequestsAnswer,
  TrafficRequestsQuery,
  TrafficVerify,
  TrafficVerifyAnswer,
  UploadsAnswer,
  UploadsQuery,
  VersionAnswer,
  VisibilityClear,
  VisibilitySet,
  VisibilityStart,
  VisibilityStatus,
  WorkloadHeartbeat,
  WorkloadJoin,
  WorkloadJoined,
  WorkloadsAnswer,
  WorkloadStatus,
} from '@clover/model';
import { liveEvents, type EventsOptions } from './events.ts';
import { importFile, type ImportOptions } from './import-file.ts';
import {
  createTransport,
  type CallOptions,
  type ClientOptions,
  type RequestBody,
} from './transport.ts';

export type ScopeInput = QueryInput<typeof ScopeQuery>;
interface Named {
  readonly namespace: string;
  readonly name: string;
}
const pathOf = (...parts: string[]): string => parts.map(encodeURIComponent).join('/');
type CountsPreset = Omit<QueryInput<typeof CountsQuery>, 'by'>;

export type Client = ReturnType<typeof createClient>;

/**
 * A client of the controller at `baseUrl`, for browsers and Node. Every method rejects with a
 * CloverError (the server's code, hint and issues, or one of CLIENT_ERRORS), or with the signal's
 * reason when aborted.
 */
export function createClient(options: ClientOptions) {
  const transport = createTransport(options);

  /** A GET whose query may be left out. */
  const get =
    <Query extends object, Answer>(path: string) =>
    (query?: Query, call: CallOptions = {}): Promise<Answer> =>
      transport.json<Answer>('GET', path, { ...call, query });
  /** A GET whose query has required fields. */
  const ask =
    <Query extends object, Answer>(path: string) =>
    (query: Query, call: CallOptions = {}): Promise<Answer> =>
      transport.json<Answer>('GET', path, { ...call, query });
  const post =
    <Body extends object, Answer>(path: string) =>
    (body?: Body, call: CallOptions = {}): Promise<Answer> =>
      transport.json<Answer>('POST', path, { ...call, json: body ?? {} });
  /** A POST with a body; fields with a default may be left out. */
  const send =
    <Body extends object, Answer>(path: string) =>
    (body: Body, call: CallOptions = {}): Promise<Answer> =>
      transport.json<Answer>('POST', path, { ...call, json: body });

  const api = '/api/v1';
  return {
    /** Where this client asks, without a slash at the end. */
    baseUrl: transport.baseUrl,

    system: get<ScopeInput, SystemCounts>(`${api}/system`),
    /** The sample system: whether it runs, its start and its end. */
    sampleSystem: get<object, SampleSystem>(`${api}/system/state`),
    sampleSystemStart: post<object, SampleSystemChanged>(`${api}/system`),
    sampleSystemEnd: (query: QueryInput<typeof SampleSystemDelete> = {}, call: CallOptions = {}) =>
      transport.json<SampleSystemChanged>('DELETE', `${api}/system`, { ...call, query }),
    overview: get<ScopeInput, Overview>(`${api}/overview`),
    overviewRequests: get<ScopeInput, OverviewRequests>(`${api}/overview/requests`),
    overviewCalls: get<ScopeInput, OverviewCalls>(`${api}/overview/calls`),
    services: get<ScopeInput, ServicesAnswer>(`${api}/services`),
    operations: get<ScopeInput, OperationsAnswer>(`${api}/operations`),
    responseTimes: get<QueryInput<typeof ResponseTimesQuery>, ResponseTimesAnswer>(
      `${api}/response-times`,
    ),
    latencyHistogram: get<QueryInput<typeof LatencyQuery>, LatencyHistogram>(
      `${api}/latency/histogram`,
    ),
    exemplars: get<QueryInput<typeof ExemplarsQuery>, ExemplarsAnswer>(`${api}/latency/exemplars`),
    latencyHeatmap: get<QueryInput<typeof HeatmapQuery>, LatencyHeatmap>(`${api}/latency/heatmap`),

    counts: get<QueryInput<typeof CountsQuery>, CountsAnswer>(`${api}/counts`),
    urls: get<CountsPreset, CountsAnswer>(`${api}/urls`),
    statusCodes: get<CountsPreset, CountsAnswer>(`${api}/status-codes`),
    userAgents: get<CountsPreset, CountsAnswer>(`${api}/user-agents`),
    nodes: get<CountsPreset, CountsAnswer>(`${api}/nodes`),
    distinct: get<ScopeInput, DistinctAnswer>(`${api}/distinct`),
    attributes: get<ScopeInput, AttributeKeysAnswer>(`${api}/attributes`),
    attributeValues: ask<QueryInput<typeof AttributeValuesQuery>, AttributeValuesAnswer>(
      `${api}/attributes/values`,
    ),

    rates: get<QueryInput<typeof RatesQuery>, RatesAnswer>(`${api}/rates`),
    graph: get<QueryInput<typeof GraphQuery>, GraphAnswer>(`${api}/graph`),
    edges: get<ScopeInput, EdgesAnswer>(`${api}/edges`),
    lost: get<ScopeInput, LostAnswer>(`${api}/lost`),

    traces: get<QueryInput<typeof TracesQuery>, TracesAnswer>(`${api}/traces`),
    /** 404 `trace.not_found` when the store holds no span of it. */
    trace: (traceId: string, call: CallOptions = {}): Promise<TraceDetail> =>
      transport.json<TraceDetail>('GET', `${api}/traces/${encodeURIComponent(traceId)}`, call),
    criticalPath: get<QueryInput<typeof CriticalPathQuery>, CriticalPathAnswer>(
      `${api}/critical-path`,
    ),
    errors: get<ScopeInput, ErrorsAnswer>(`${api}/errors`),
    compare: get<QueryInput<typeof CompareQuery>, CompareAnswer>(`${api}/compare`),
    explain: get<QueryInput<typeof ExplainQuery>, ExplainAnswer>(`${api}/explain`),

    trackedMetrics: get<ScopeInput, TrackedMetricsAnswer>(`${api}/metrics/tracked`),
    metricNames: get<QueryInput<typeof MetricNamesQuery>, MetricNamesAnswer>(
      `${api}/metrics/names`,
    ),
    metricSeries: ask<QueryInput<typeof MetricSeriesQuery>, MetricSeriesAnswer>(
      `${api}/metrics/series`,
    ),

    trafficRequests: get<QueryInput<typeof TrafficRequestsQuery>, TrafficRequestsAnswer>(
      `${api}/traffic/requests`,
    ),
    trafficVerify: post<QueryInput<typeof TrafficVerify>, TrafficVerifyAnswer>(
      `${api}/traffic/verify`,
    ),

    sources: get<object, SourcesAnswer>(`${api}/sources`),
    /** The server's own settings, secrets left out. */
    config: get<object, unknown>(`${api}/config`),
    visibility: get<object, VisibilityStatus>(`${api}/visibility`),
    visibilityInit: post<object, VisibilityStatus>(`${api}/visibility/init`),
    visibilityStart: post<QueryInput<typeof VisibilityStart>, VisibilityStatus>(
      `${api}/visibility/start`,
    ),
    visibilityStop: post<object, VisibilityStatus>(`${api}/visibility/stop`),
    visibilitySet: post<QueryInput<typeof VisibilitySet>, VisibilityStatus>(
      `${api}/visibility/set`,
    ),
    visibilityClear: post<QueryInput<typeof VisibilityClear>, VisibilityStatus>(
      `${api}/visibility/clear`,
    ),

    trafficResources: get<QueryInput<typeof TrafficResourcesQuery>, TrafficResourcesAnswer>(
      `${api}/traffic/resources`,
    ),
    /** 404 `traffic.not_found`; `kind` is any word for it: vs, VirtualService. */
    trafficResource: (one: Named & { kind: string }, call: CallOptions = {}) =>
      transport.json<TrafficResource>(
        'GET',
        `${api}/traffic/resources/${pathOf(one.kind, one.namespace, one.name)}`,
        call,
      ),
    /** 422 `traffic.refused` with a place per fault, 409 `traffic.conflict`. */
    trafficApply: send<BodyInput<typeof TrafficApply>, TrafficChangeAnswer>(`${api}/traffic/apply`),
    trafficDelete: send<BodyInput<typeof TrafficDelete>, TrafficChangeAnswer>(
      `${api}/traffic/delete`,
    ),
    trafficValidate: send<BodyInput<typeof TrafficValidate>, TrafficValidateAnswer>(
      `${api}/traffic/validate`,
    ),
    trafficUndo: send<BodyInput<typeof TrafficUndo>, TrafficChangeAnswer>(`${api}/traffic/undo`),
    trafficFindings: get<object, TrafficFindingsAnswer>(`${api}/traffic/findings`),
    trafficHistory: get<QueryInput<typeof TrafficHistoryQuery>, TrafficHistoryAnswer>(
      `${api}/traffic/history`,
    ),
    trafficRevision: (revision: number, call: CallOptions = {}) =>
      transport.json<TrafficRevision>('GET', `${api}/traffic/history/${revision}`, call),
    trafficDiff: ask<QueryInput<typeof TrafficDiffQuery>, TrafficDiffAnswer>(`${api}/traffic/diff`),
    /** JSON schemas of the resources, for editors. */
    trafficSchemas: get<object, TrafficSchemasAnswer>(`${api}/traffic/schemas`),
    trafficEffective: get<object, TrafficEffectiveAnswer>(`${api}/traffic/effective`),
    /** Where a request would go by what is in force. */
    trafficExplain: send<BodyInput<typeof RouteQuestion>, RouteAnswer>(`${api}/traffic/explain`),
    faults: get<object, FaultsAnswer>(`${api}/traffic/faults`),
    faultInject: send<BodyInput<typeof FaultInject>, TrafficChangeAnswer>(`${api}/traffic/faults`),
    faultEnd: (one: { namespace: string; service: string }, call: CallOptions = {}) =>
      transport.json<TrafficChangeAnswer>(
        'DELETE',
        `${api}/traffic/faults/${pathOf(one.namespace, one.service)}`,
        call,
      ),

    mesh: get<object, MeshAnswer>(`${api}/mesh`),
    meshStatistics: get<object, MeshStatisticsAnswer>(`${api}/mesh/statistics`),
    workloads: get<object, WorkloadsAnswer>(`${api}/mesh/workloads`),
    workloadJoin: send<BodyInput<typeof WorkloadJoin>, WorkloadJoined>(`${api}/mesh/workloads`),
    /** 404 `mesh.no_workload`: it is to join again. */
    workloadHeartbeat: (
      { namespace, name }: Named,
      body: WorkloadHeartbeat = {},
      call: CallOptions = {},
    ) =>
      transport.json<WorkloadStatus>(
        'POST',
        `${api}/mesh/workloads/${pathOf(namespace, name)}/heartbeat`,
        { ...call, json: body },
      ),
    workloadRemove: ({ namespace, name }: Named, call: CallOptions = {}) =>
      transport.json<WorkloadJoined>(
        'DELETE',
        `${api}/mesh/workloads/${pathOf(namespace, name)}`,
        call,
      ),

    /** The sample services while they run; a refused change is CloverError `services.bad_setting`. */
    setProxy: post<ProxySet, ServiceChanged>(`${api}/services/proxy`),
    setLoadBalancer: post<LoadBalancerSet, ServiceChanged>(`${api}/services/lb`),
    setServer: post<ServerSet, ServiceChanged>(`${api}/services/server`),
    addIdsRules: post<IdsRuleSet, IdsRulesAnswer>(`${api}/ids/rules`),
    startIds: post<object, ServiceChanged>(`${api}/ids/start`),
    stopIds: post<object, ServiceChanged>(`${api}/ids/stop`),
    idsAlerts: get<QueryInput<typeof IdsAlertsQuery>, IdsAlertsAnswer>(`${api}/ids/alerts`),
    uploads: get<QueryInput<typeof UploadsQuery>, UploadsAnswer>(`${api}/uploads`),

    /** Sends a file as it is (plain or gzip); no deadline of its own, because files are big. `onProgress` is told a few times a second. */
    import: (
      body: RequestBody,
      query: QueryInput<typeof ImportQuery> = {},
      call: ImportOptions = {},
    ): Promise<ImportAnswer> => importFile(transport, body, query, call),

    /** Live events; see liveEvents. `for await (const event of client.events({ signal })) …` */
    events: (events?: EventsOptions) => liveEvents(transport, events),

    version: get<object, VersionAnswer>('/version'),
    /** Resolves when the process answers. */
    live: async (call: CallOptions = {}): Promise<void> => {
      await (await transport.send('GET', '/livez', call)).text();
    },
    /** Resolves when the server can take data and answer; rejects with its reason while it cannot. */
    ready: async (call: CallOptions = {}): Promise<void> => {
      await (await transport.send('GET', '/readyz', call)).text();
    },
  };
}

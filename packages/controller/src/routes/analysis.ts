// The questions about spans: each is one function of the store.

import {
  AttributeKeysAnswer,
  AttributeValuesAnswer,
  AttributeValuesQuery,
  CompareAnswer,
  CompareQuery,
  CountsAnswer,
  CountsQuery,
  CriticalPathAnswer,
  CriticalPathQuery,
  DistinctAnswer,
  EdgesAnswer,
  ErrorsAnswer,
  ExemplarsAnswer,
  ExemplarsQuery,
  ExplainAnswer,
  ExplainQuery,
  GraphAnswer,
  GraphQuery,
  HeatmapQuery,
  LatencyHeatmap,
  LatencyHistogram,
  LatencyQuery,
  LostAnswer,
  OperationsAnswer,
  Overview,
  OverviewCalls,
  OverviewRequests,
  RatesAnswer,
  RatesQuery,
  ResponseTimesAnswer,
  ResponseTimesQuery,
  ScopeQuery,
  ServicesAnswer,
  SystemCounts,
} from '@clover/model';
import * as ask from '@clover/store';
import { analysis, type Endpoint } from './endpoint.ts';

const CountsPreset = CountsQuery.omit({ by: true });
const preset = (path: string, by: string, summary: string): Endpoint =>
  analysis(
    path,
    summary,
    { tag: 'counts', query: CountsPreset, answer: CountsAnswer },
    (store, scope, query) => ask.counts(store, scope, { ...query, by }),
  );

export const analysisEndpoints: readonly Endpoint[] = [
  analysis(
    '/system',
    'How much there is: traces, spans, metric points, services',
    { tag: 'system', query: ScopeQuery, answer: SystemCounts },
    (store, scope, _, { deps }) =>
      ask.systemCounts(store, scope, { tracked: deps.visibility.status().services }),
  ),
  analysis(
    '/overview',
    'Is anything wrong right now, and what changed',
    { tag: 'system', query: ScopeQuery, answer: Overview },
    (store, scope) => ask.overview(store, scope),
  ),
  analysis(
    '/overview/requests',
    'The part of the overview that is soon there: what services answered',
    { tag: 'system', query: ScopeQuery, answer: OverviewRequests },
    (store, scope) => ask.overviewRequests(store, scope),
  ),
  analysis(
    '/overview/calls',
    'The part of the overview that takes longer: requests from outside, and lost ones',
    { tag: 'system', query: ScopeQuery, answer: OverviewCalls },
    (store, scope) => ask.overviewCalls(store, scope),
  ),
  analysis(
    '/services',
    'Services with rate, errors and duration of their server side',
    { tag: 'services', query: ScopeQuery, answer: ServicesAnswer },
    (store, scope, _, { deps }) =>
      ask.services(store, scope, { tracked: deps.visibility.status().services }),
  ),
  analysis(
    '/operations',
    'Operations of the services in scope',
    { tag: 'services', query: ScopeQuery, answer: OperationsAnswer },
    (store, scope) => ask.operations(store, scope),
  ),
  analysis(
    '/response-times',
    'Response times per service, operation, version or instance',
    { tag: 'services', query: ResponseTimesQuery, answer: ResponseTimesAnswer },
    (store, scope, query) => ask.responseTimes(store, scope, query),
  ),
  analysis(
    '/latency/histogram',
    'How durations are distributed',
    { tag: 'latency', query: LatencyQuery, answer: LatencyHistogram },
    (store, scope, query) => ask.latencyHistogram(store, scope, query),
  ),
  analysis(
    '/latency/heatmap',
    'How durations are distributed over time',
    { tag: 'latency', query: HeatmapQuery, answer: LatencyHeatmap },
    (store, scope, query) => ask.latencyHeatmap(store, scope, query),
  ),
  analysis(
    '/latency/exemplars',
    'The slowest requests, at most one a step',
    { tag: 'latency', query: ExemplarsQuery, answer: ExemplarsAnswer },
    (store, scope, query) => ask.exemplars(store, scope, query),
  ),
  analysis(
    '/counts',
    'Requests by one or two keys: the largest, and the rest',
    { tag: 'counts', query: CountsQuery, answer: CountsAnswer },
    (store, scope, query) => ask.counts(store, scope, query),
  ),
  preset('/urls', 'url', 'Requests per URL'),
  preset('/status-codes', 'url,statusCode', 'Requests per URL and status code'),
  preset('/user-agents', 'userAgent', 'Requests per user agent'),
  preset('/nodes', 'service,node', 'Requests per service and instance'),
  analysis(
    '/distinct',
    'Distinct URLs, user agents, status codes, operations, instances, clusters',
    { tag: 'counts', query: ScopeQuery, answer: DistinctAnswer },
    (store, scope) => ask.distinct(store, scope),
  ),
  analysis(
    '/attributes',
    'Attribute keys seen',
    { tag: 'counts', query: ScopeQuery, answer: AttributeKeysAnswer },
    (store, scope) => ask.attributeKeys(store, scope),
  ),
  analysis(
    '/attributes/values',
    'Most frequent values of an attribute',
    { tag: 'counts', query: AttributeValuesQuery, answer: AttributeValuesAnswer },
    (store, scope, query) => ask.attributeValues(store, scope, query),
  ),
  analysis(
    '/rates',
    'Requests, errors, responses, in flight and percentiles over time',
    { tag: 'rates', query: RatesQuery, answer: RatesAnswer },
    (store, scope, query) => ask.rates(store, scope, query),
  ),
  analysis(
    '/graph',
    'Who calls whom',
    { tag: 'graph', query: GraphQuery, answer: GraphAnswer },
    (store, scope, query) => ask.graph(store, scope, query),
  ),
  analysis(
    '/edges',
    'The arrows of the service graph',
    { tag: 'graph', query: ScopeQuery, answer: EdgesAnswer },
    (store, scope) => ask.edges(store, scope),
  ),
  analysis(
    '/lost',
    'What became of the requests of each edge',
    { tag: 'graph', query: ScopeQuery, answer: LostAnswer },
    (store, scope) => ask.lost(store, scope),
  ),
  analysis(
    '/critical-path',
    "Whose own time makes up a front end's latency",
    { tag: 'traces', query: CriticalPathQuery, answer: CriticalPathAnswer },
    (store, scope, query) => ask.criticalPath(store, scope, query),
  ),
  analysis(
    '/errors',
    'Errors by shape of message and origin',
    { tag: 'traces', query: ScopeQuery, answer: ErrorsAnswer },
    (store, scope) => ask.errors(store, scope),
  ),
  analysis(
    '/compare',
    'What changed between two windows, versions or filters',
    { tag: 'compare', query: CompareQuery, answer: CompareAnswer },
    (store, scope, query, { nowMs }) => ask.compare(store, scope, { ...query, nowMs }),
  ),
  analysis(
    '/explain',
    'What is different about the failed or the slow',
    { tag: 'compare', query: ExplainQuery, answer: ExplainAnswer },
    (store, scope, query) => ask.explain(store, scope, query),
  ),
];

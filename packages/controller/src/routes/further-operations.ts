// What OpenAPI says about the paths that are no endpoints of routes/: streams, files, other systems' APIs.

import { ImportAnswer, ImportQuery, LiveEvent, VersionAnswer } from '@clover/model';
import type { z } from 'zod';
import type { Role } from '../security/token-entries.ts';

export interface FurtherOperation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** Absent: no token is needed. */
  readonly role?: Role;
  readonly query?: z.ZodObject;
  /** Query parameters of a foreign API: name -> what it is; `!` in front: required. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Content type of the body. */
  readonly body?: string;
  readonly answers: { readonly type: string; readonly schema?: z.ZodType };
}

const JSON_TYPE = { type: 'application/json' };
const TEXT = { type: 'text/plain' };
const FIND = {
  '!service': 'service name',
  operation: 'span name',
  tags: 'JSON map of tags that one span has: {"http.method":"GET"}',
  start: 'microseconds since 1970',
  end: 'microseconds since 1970',
  lookback: 'instead of start: 1h, 2d before end',
  minDuration: '1.2s, 100ms, 500us',
  maxDuration: '1.2s, 100ms, 500us',
  limit: 'traces at most; default 100',
};
const FIND_V3 = {
  'query.service_name': 'service name',
  'query.operation_name': 'span name',
  'query.attributes': 'JSON map of attributes that one span has',
  '!query.start_time_min': 'RFC 3339',
  '!query.start_time_max': 'RFC 3339',
  'query.duration_min': '1.2s, 100ms, 500us',
  'query.duration_max': '1.2s, 100ms, 500us',
  'query.num_traces': 'traces at most; default 100',
};
const RANGE = { since: '15m, 2h, 7d', start: 'RFC 3339', end: 'RFC 3339' };

const jaeger = (path: string, summary: string, parameters = {}): FurtherOperation => ({
  method: 'get',
  path,
  summary,
  tag: "Jaeger's query API",
  role: 'viewer',
  parameters,
  answers: JSON_TYPE,
});
const original = (
  method: 'get' | 'post',
  path: string,
  summary: string,
  role: Role = 'operator',
): FurtherOperation => ({
  method,
  path,
  summary,
  tag: 'Clover of 2018',
  role,
  ...(method === 'get' ? { parameters: path.includes('/stats/') ? RANGE : {} } : {}),
  ...(method === 'post' ? { body: 'application/json' } : {}),
  answers: JSON_TYPE,
});

export const FURTHER_OPERATIONS: readonly FurtherOperation[] = [
  {
    method: 'get',
    path: '/api/v1/events',
    summary: 'Live events as they happen; Last-Event-ID resumes',
    tag: 'events',
    role: 'viewer',
    answers: { type: 'text/event-stream', schema: LiveEvent },
  },
  {
    method: 'post',
    path: '/api/v1/import',
    summary:
      'Take a file of spans or metrics, plain or gzipped; with Accept: application/x-ndjson progress comes first',
    tag: 'sources',
    role: 'operator',
    query: ImportQuery,
    body: 'application/octet-stream',
    answers: { type: 'application/json', schema: ImportAnswer },
  },
  {
    method: 'post',
    path: '/api/v1/write',
    summary: "Prometheus' remote write 1.0",
    tag: 'sources',
    role: 'operator',
    body: 'application/x-protobuf',
    answers: TEXT,
  },
  jaeger('/api/services', 'Services'),
  jaeger('/api/services/{service}/operations', 'Span names of a service'),
  jaeger('/api/operations', 'Span names of a service with their kinds', {
    '!service': 'service name',
    spanKind: 'server, client, …',
  }),
  jaeger('/api/traces', 'Traces that a question finds, newest first', FIND),
  jaeger('/api/traces/{id}', 'One trace'),
  jaeger('/api/dependencies', 'Calls between services', {
    endTs: 'milliseconds since 1970',
    lookback: 'milliseconds; default one day',
  }),
  jaeger('/api/v3/services', 'Services'),
  jaeger('/api/v3/operations', 'Span names of a service with their kinds', {
    service: 'service name',
    span_kind: 'server, client, …',
  }),
  jaeger('/api/v3/traces', 'Traces that a question finds, as OTLP', FIND_V3),
  jaeger('/api/v3/traces/{id}', 'One trace as OTLP'),
  original('post', '/collector/init', 'Prepare the store'),
  original('post', '/collector/start', 'Start pulling'),
  original('post', '/collector/stop', 'Stop pulling'),
  original('post', '/collector/set', 'Choose what is tracked'),
  original('post', '/collector/truncate', 'Remove all spans and metrics', 'admin'),
  original('get', '/visibility/get/services', 'Services that are tracked', 'viewer'),
  original('get', '/visibility/get/metrics', 'Metrics that are tracked', 'viewer'),
  original('get', '/visibility/get/all', 'What is tracked', 'viewer'),
  original(
    'get',
    '/visibility/get/stats/system',
    'Counts of traces, spans, metric points',
    'viewer',
  ),
  original('get', '/visibility/get/stats/metrics', 'Tracked metrics over time', 'viewer'),
  original('get', '/visibility/get/stats/tracing', 'Response times and counts', 'viewer'),
  original('get', '/visibility/get/stats/all', 'All statistics', 'viewer'),
  original('post', '/visibility/set', 'Choose what is tracked'),
  original('post', '/visibility/clear', 'Remove all spans and metrics', 'admin'),
  original('post', '/nginx/lb', 'Change the servers of a load balancer'),
  original('post', '/nginx/server', 'Change what a server serves'),
  original('post', '/snort/addrule', 'Add a rule to the IDS'),
  original('post', '/snort/start', 'Start the IDS'),
  original('post', '/snort/stop', 'Stop the IDS'),
  original('get', '/snort/get_events', 'Alerts of the IDS', 'viewer'),
  original('post', '/upload', 'Report uploads'),
  original('get', '/upload/get', 'Uploads that were reported', 'viewer'),
  { method: 'get', path: '/livez', summary: 'The process runs', tag: 'process', answers: TEXT },
  {
    method: 'get',
    path: '/readyz',
    summary: 'It can take and answer',
    tag: 'process',
    answers: TEXT,
  },
  {
    method: 'get',
    path: '/version',
    summary: 'What runs here',
    tag: 'process',
    answers: { type: 'application/json', schema: VersionAnswer },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Figures of the process, of spans and of the service graph for Prometheus',
    tag: 'process',
    role: 'viewer',
    answers: TEXT,
  },
];

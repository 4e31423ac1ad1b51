// What a key in a filter or a grouping means: a promoted column under several spellings (the API's
// names and the semantic conventions'), or else an attribute of the span, then of its resource.

export interface ColumnKey {
  /** SQL over the columns of `spans` that gives text. */
  readonly text: string;
  /** SQL that gives a number, for keys that are numbers. */
  readonly number?: string;
  /** The values a person writes are durations with a unit. */
  readonly duration?: boolean;
  /** The finest windows that have its column too: `hour` stands in both, `minute` in those of a minute only. */
  readonly window?: 'minute' | 'hour';
}

const plain = (column: string): ColumnKey => ({ text: column });
const windowed = (column: string, window: 'minute' | 'hour'): ColumnKey => ({
  text: column,
  window,
});
const named = (column: string, names: readonly string[]): ColumnKey => ({
  text: `transform(${column}, [${names.map((_, i) => i).join(', ')}], [${names.map((n) => `'${n}'`).join(', ')}], '')`,
});

const URL_TEXT = 'concat(url_host, url_template)';
const STATUS_CODE: ColumnKey = {
  text: "if(http_status = 0, '', toString(http_status))",
  number: 'http_status',
  window: 'minute',
};
const DURATION: ColumnKey = {
  text: 'toString(duration_ns)',
  number: 'duration_ns',
  duration: true,
};
const KIND: ColumnKey = {
  ...named('kind', ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
  window: 'hour',
};
const STATUS = named('status', ['unset', 'ok', 'error']);
const TRACE_ID: ColumnKey = { text: 'lower(hex(trace_id))' };
const SPAN_ID: ColumnKey = { text: 'lower(hex(span_id))' };

const COLUMN_KEYS: Readonly<Record<string, ColumnKey>> = {
  service: windowed('service', 'hour'),
  'service.name': windowed('service', 'hour'),
  version: windowed('version', 'hour'),
  'service.version': windowed('version', 'hour'),
  namespace: windowed('namespace', 'hour'),
  'service.namespace': windowed('namespace', 'hour'),
  node: plain('node'),
  operation: windowed('name', 'minute'),
  name: windowed('name', 'minute'),
  'span.name': windowed('name', 'minute'),
  url: { text: URL_TEXT },
  urlHost: plain('url_host'),
  urlTemplate: plain('url_template'),
  'url.template': plain('url_template'),
  statusCode: STATUS_CODE,
  'http.response.status_code': STATUS_CODE,
  'http.status_code': STATUS_CODE,
  statusClass: {
    text: "if(http_status = 0, '', concat(toString(intDiv(http_status, 100)), 'xx'))",
    window: 'minute',
  },
  method: plain('http_method'),
  'http.request.method': plain('http_method'),
  'http.method': plain('http_method'),
  route: plain('http_route'),
  'http.route': plain('http_route'),
  userAgent: plain('user_agent'),
  'user_agent.original': plain('user_agent'),
  'http.user_agent': plain('user_agent'),
  user_agent: plain('user_agent'),
  userAgentFamily: plain('user_agent_family'),
  peer: plain('peer'),
  'peer.service': plain('peer'),
  'service.peer.name': plain('peer'),
  upstreamCluster: plain('upstream_cluster'),
  upstream_cluster: plain('upstream_cluster'),
  subset: plain('subset'),
  responseFlags: plain('response_flags'),
  response_flags: plain('response_flags'),
  kind: KIND,
  'span.kind': KIND,
  status: STATUS,
  'otel.status_code': STATUS,
  statusMessage: plain('status_message'),
  'otel.status_description': plain('status_message'),
  direction: { ...named('direction', ['none', 'inbound', 'outbound']), window: 'hour' },
  protocol: plain('protocol'),
  duration: DURATION,
  durationNs: { text: 'toString(duration_ns)', number: 'duration_ns' },
  'exception.type': plain('exception_type'),
  exceptionType: plain('exception_type'),
  'exception.message': plain('exception_message'),
  scope: plain('scope_name'),
  'otel.scope.name': plain('scope_name'),
  source: plain('source'),
  traceId: TRACE_ID,
  'trace.id': TRACE_ID,
  spanId: SPAN_ID,
  'span.id': SPAN_ID,
};

/** The promoted column behind a key; undefined for a key that is an attribute's. */
export function columnKey(key: string): ColumnKey | undefined {
  return Object.hasOwn(COLUMN_KEYS, key) ? COLUMN_KEYS[key] : undefined;
}

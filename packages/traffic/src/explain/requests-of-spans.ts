// Spans of proxies to the requests that they decided: a sidecar's client spans, a gateway's server spans.

import type { AskedRequest } from './asked-request.ts';
import { parseEnvoyCluster } from './envoy-cluster.ts';
import type { LineRequests } from './read-requests.ts';

/** Attributes in which Clover's proxy records what it takes to decide again: see `RuleEvidence`. */
export const ABSENT_ATTRIBUTE = 'clover.request.absent_headers';
export const MATCHES_ATTRIBUTE = 'clover.request.header_matches';
/** The port of the listener: of the service, or of the gateway's server. */
export const PORT_ATTRIBUTE = 'clover.request.port';
/** Labels of the workload that the proxy speaks for: `app=http-lb`. */
export const LABELS_ATTRIBUTE = 'clover.workload.labels';

/** What of a span says where its request came from and went. */
export interface ProxySpan {
  readonly traceId: string;
  readonly service: string;
  readonly kind: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** From an OTLP JSON document (`resourceSpans`) or a Jaeger API document (`data`). */
export function requestsOfSpans(document: Readonly<Record<string, unknown>>): LineRequests {
  const spans = [...('resourceSpans' in document ? otlpSpans(document) : jaegerSpans(document))];
  const requests = spans.map(requestOfSpan).filter((one) => one !== undefined);
  return { requests, passedOver: spans.length - requests.length };
}

/** Undefined for a span that is not a proxy's decision about an HTTP request. */
export function requestOfSpan(span: ProxySpan): AskedRequest | undefined {
  const text = (...names: string[]) => {
    for (const name of names) {
      const value = span.attributes[name];
      if (value !== undefined && value !== '' && value !== '-') return String(value);
    }
    return undefined;
  };
  const method = text('http.request.method', 'http.method');
  const gateway = text('node_id')?.startsWith('router~') === true;
  if (method === undefined || span.kind !== (gateway ? 'server' : 'client')) return undefined;
  const url = urlOf(text);
  if (url === undefined) return undefined;
  const cluster = parseEnvoyCluster(text('upstream_cluster', 'upstream_cluster.name') ?? '-');
  if (cluster?.direction === 'inbound') return undefined;
  const [name = '', namespace] = span.service.split('.');
  const port = Number(text(PORT_ATTRIBUTE) ?? 0) || (gateway ? undefined : cluster?.port);
  const labels = labelsOf(listOf(span.attributes[LABELS_ATTRIBUTE]));
  const service = text('istio.canonical_service') ?? name;
  const version = text('istio.canonical_revision');
  const userAgent = text('user_agent.original', 'user_agent', 'http.user_agent');
  const status = Number(text('http.response.status_code', 'http.status_code') ?? 0);
  return {
    method,
    path: url.path,
    headers: {
      host: url.host,
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      ...recordedHeaders(span.attributes),
    },
    ...(url.scheme === 'https' ? { scheme: 'https' } : {}),
    via: gateway ? 'gateway' : 'sidecar',
    ...(gateway
      ? {}
      : { labels: labels ?? { app: service, ...(version === undefined ? {} : { version }) } }),
    namespace: text('istio.namespace') ?? namespace ?? 'default',
    ...(port === undefined ? {} : { port }),
    whole: false,
    evidence: {
      absent: listOf(span.attributes[ABSENT_ATTRIBUTE]),
      matches: listOf(span.attributes[MATCHES_ATTRIBUTE]),
    },
    traceId: span.traceId,
    answer: { status, ...(cluster ? { destination: cluster } : {}) },
  };
}

function urlOf(
  text: (...names: string[]) => string | undefined,
): { scheme: string; host: string; path: string } | undefined {
  const full = /^(https?):\/\/([^/?#]*)([^#]*)/.exec(text('url.full', 'http.url') ?? '');
  if (full) return { scheme: full[1]!, host: full[2]!, path: full[3] || '/' };
  const path = text('url.path', 'http.target');
  const host = text('http.host', 'server.address');
  if (path === undefined || host === undefined) return undefined;
  const query = text('url.query');
  return { scheme: 'http', host, path: query === undefined ? path : `${path}?${query}` };
}

/** OpenTelemetry's `http.request.header.NAME`, one value or a list. */
function recordedHeaders(attributes: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith('http.request.header.')) continue;
    headers[key.slice('http.request.header.'.length).replaceAll('_', '-')] =
      listOf(value).join(',');
  }
  return headers;
}

/** A list as OTLP has it, as text of JSON (a store's way), or one value by itself. */
function listOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string' || !value.startsWith('[')) return [String(value)];
  try {
    return listOf(JSON.parse(value));
  } catch {
    return [value];
  }
}

/** Of `app=http-lb`; undefined where no labels are recorded. */
function labelsOf(list: readonly string[]): Record<string, string> | undefined {
  if (list.length === 0) return undefined;
  return Object.fromEntries(
    list.map((text) => {
      const end = text.indexOf('=');
      return [text.slice(0, end), text.slice(end + 1)];
    }),
  );
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

interface JaegerTrace {
  readonly spans?: readonly {
    readonly traceID: string;
    readonly processID: string;
    readonly tags?: readonly Tag[];
  }[];
  readonly processes?: Readonly<Record<string, { readonly serviceName: string }>>;
}

function listIn<Item>(document: Readonly<Record<string, unknown>>, field: string): readonly Item[] {
  const list = document[field];
  return Array.isArray(list) ? (list as Item[]) : [];
}

function* jaegerSpans(document: Readonly<Record<string, unknown>>): Generator<ProxySpan> {
  for (const { spans = [], processes = {} } of listIn<JaegerTrace>(document, 'data')) {
    for (const { traceID, processID, tags = [] } of spans) {
      const attributes = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
      yield {
        traceId: traceID,
        service: processes[processID]?.serviceName ?? '',
        kind: String(attributes['span.kind'] ?? ''),
        attributes,
      };
    }
  }
}

interface OtlpAttribute {
  readonly key: string;
  readonly value?: Readonly<Record<string, unknown>>;
}

const OTLP_KINDS: Readonly<Record<string, string>> = {
  '2': 'server',
  SPAN_KIND_SERVER: 'server',
  '3': 'client',
  SPAN_KIND_CLIENT: 'client',
};

interface OtlpResourceSpans {
  readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
  readonly scopeSpans?: readonly {
    readonly spans?: readonly {
      readonly traceId: string;
      readonly kind?: number | string;
      readonly attributes?: readonly OtlpAttribute[];
    }[];
  }[];
}

function* otlpSpans(document: Readonly<Record<string, unknown>>): Generator<ProxySpan> {
  const resources = listIn<OtlpResourceSpans>(document, 'resourceSpans');
  for (const { resource, scopeSpans = [] } of resources) {
    const service = String(attributesOf(resource?.attributes)['service.name'] ?? '');
    for (const { spans = [] } of scopeSpans) {
      for (const { traceId, kind, attributes } of spans)
        yield {
          traceId,
          service,
          kind: OTLP_KINDS[String(kind)] ?? '',
          attributes: attributesOf(attributes),
        };
    }
  }
}

function attributesOf(list: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value = {} }) => [key, valueOf(value)]));
}

function valueOf(value: Readonly<Record<string, unknown>>): unknown {
  const list = value['arrayValue'] as { values?: Record<string, unknown>[] } | undefined;
  return list ? (list.values ?? []).map(valueOf) : Object.values(value)[0];
}

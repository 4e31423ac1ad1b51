// Spans as Jaeger's query API writes them (`/api/traces`), tag by tag as Jaeger 2 itself does it between
// OTLP and its old model: kind, status, scope and trace state become tags, times microseconds.

import type { Attributes, AttributeValue, Span, SpanLink } from '@clover/model';
import { JAEGER_WARNINGS, REFERENCE_TYPE } from '@clover/collector';

export interface JaegerTag {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int64' | 'float64' | 'binary';
  readonly value: string | number | boolean;
}

export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly object[];
  readonly processes: Readonly<Record<string, { serviceName: string; tags: JaegerTag[] }>>;
  readonly warnings: null;
}

const NO_SERVICE = 'missing-service-name';
const SERVICE_NAME = 'service.name';

/** Spans of any traces as Jaeger traces, in the order of their first spans. */
export function spansToJaeger(spans: Iterable<Span>): JaegerTrace[] {
  const traces = new Map<string, Span[]>();
  for (const span of spans) {
    const known = traces.get(span.traceId);
    if (known) known.push(span);
    else traces.set(span.traceId, [span]);
  }
  return [...traces].map(([id, inTrace]) => jaegerTrace(id, inTrace));
}

/** Jaeger writes ids of 64 bits with sixteen digits. */
export const jaegerTraceId = (id: string): string =>
  id.startsWith('0000000000000000') ? id.slice(16) : id;

function jaegerTrace(traceId: string, spans: readonly Span[]): JaegerTrace {
  const processes: Record<string, { serviceName: string; tags: JaegerTag[] }> = {};
  const ids = new Map<string, string>();
  const processOf = (span: Span): string => {
    const { [SERVICE_NAME]: name, ...rest } = span.resource.attributes;
    const process = { serviceName: nameOf(name), tags: tagsOf(rest) };
    const key = JSON.stringify(process);
    let id = ids.get(key);
    if (id === undefined) {
      ids.set(key, (id = `p${ids.size + 1}`));
      processes[id] = process;
    }
    return id;
  };
  return {
    traceID: jaegerTraceId(traceId),
    spans: spans.map((span) => jaegerSpan(span, processOf(span))),
    processes,
    warnings: null,
  };
}

const nameOf = (name: AttributeValue | undefined): string =>
  typeof name === 'string' && name !== '' ? name : NO_SERVICE;

function jaegerSpan(span: Span, processID: string): object {
  const { [JAEGER_WARNINGS]: warnings, ...attributes } = span.attributes;
  return {
    traceID: jaegerTraceId(span.traceId),
    spanID: span.spanId,
    operationName: span.name,
    references: [
      ...(span.parentSpanId ? [reference('CHILD_OF', span.traceId, span.parentSpanId)] : []),
      ...span.links.map((link) => reference(typeOf(link), link.traceId, link.spanId)),
    ],
    startTime: Number(span.startTimeUnixNano / 1000n),
    duration: Number(span.durationNs / 1000n),
    tags: [...tagsOf(attributes), ...fieldTags(span)].toSorted(byKey),
    logs: span.events.map(({ timeUnixNano, name, attributes: fields }) => ({
      timestamp: Number(timeUnixNano / 1000n),
      fields: [...(name ? [{ key: 'event', type: 'string', value: name }] : []), ...tagsOf(fields)],
    })),
    processID,
    warnings: Array.isArray(warnings) ? warnings.map(String) : null,
  };
}

const reference = (refType: string, traceId: string, spanID: string) => ({
  refType,
  traceID: jaegerTraceId(traceId),
  spanID,
});

const typeOf = (link: SpanLink): string =>
  link.attributes[REFERENCE_TYPE] === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM';

/** What is a field of a span and was a tag. */
function fieldTags(span: Span): JaegerTag[] {
  const text = (key: string, value: string): JaegerTag[] =>
    value === '' ? [] : [{ key, type: 'string', value }];
  const { code, message } = span.status;
  return [
    ...text('span.kind', span.kind === 'unspecified' ? '' : span.kind),
    ...(code === 'error' ? [{ key: 'error', type: 'bool', value: true } as const] : []),
    ...text('otel.status_code', code === 'unset' ? '' : code.toUpperCase()),
    ...text('otel.status_description', message),
    ...text('otel.scope.name', span.scope.name),
    ...text('otel.scope.version', span.scope.version),
    ...text('w3c.tracestate', span.traceState),
  ];
}

const tagsOf = (attributes: Attributes): JaegerTag[] =>
  Object.entries(attributes)
    .map(([key, value]) => tagOf(key, value))
    .toSorted(byKey);

const byKey = (a: JaegerTag, b: JaegerTag): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

function tagOf(key: string, value: AttributeValue): JaegerTag {
  switch (typeof value) {
    case 'string':
      return { key, type: 'string', value };
    case 'boolean':
      return { key, type: 'bool', value };
    case 'bigint':
      return { key, type: 'int64', value: wholeNumber(value) };
    case 'number':
      return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) };
    default:
      if (value instanceof Uint8Array)
        return { key, type: 'binary', value: Buffer.from(value).toString('base64') };
      return { key, type: 'string', value: JSON.stringify(plain(value)) };
  }
}

/** Jaeger writes as text what JavaScript would round. */
const wholeNumber = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return wholeNumber(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return (value as readonly AttributeValue[]).map(plain);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  return value;
}

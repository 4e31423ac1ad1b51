// Spans as OTLP JSON (opentelemetry-proto, JSON mapping of the OTLP specification): ids are hex, 64-bit
// numbers decimal strings, enums integers.

import {
  SPAN_KINDS,
  STATUS_CODES,
  type Attributes,
  type AttributeValue,
  type Span,
} from '@clover/model';

interface KeyValue {
  readonly key: string;
  readonly value: object;
}

export interface OtlpTraces {
  readonly resourceSpans: readonly object[];
}

/** Spans grouped by resource and scope, in the order in which they come. */
export function spansToOtlp(spans: Iterable<Span>): OtlpTraces {
  const resources = new Map<string, { resource: object; scopes: Map<string, ScopeSpans> }>();
  for (const span of spans) {
    const resource = { attributes: keyValues(span.resource.attributes) };
    const key = JSON.stringify(resource);
    let group = resources.get(key);
    if (!group) resources.set(key, (group = { resource, scopes: new Map() }));
    const scopeKey = JSON.stringify(span.scope);
    let scope = group.scopes.get(scopeKey);
    if (!scope) group.scopes.set(scopeKey, (scope = { scope: span.scope, spans: [] }));
    scope.spans.push(otlpSpan(span));
  }
  return {
    resourceSpans: [...resources.values()].map(({ resource, scopes }) => ({
      resource,
      scopeSpans: [...scopes.values()].map(({ scope: { name, version }, spans: inScope }) => ({
        scope: { ...(name && { name }), ...(version && { version }) },
        spans: inScope,
      })),
    })),
  };
}

interface ScopeSpans {
  readonly scope: Span['scope'];
  readonly spans: object[];
}

function otlpSpan(span: Span): object {
  const code = STATUS_CODES.indexOf(span.status.code);
  const kind = SPAN_KINDS.indexOf(span.kind);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.traceState && { traceState: span.traceState }),
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    name: span.name,
    ...(kind > 0 && { kind }),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.startTimeUnixNano + span.durationNs),
    ...some('attributes', keyValues(span.attributes)),
    ...some(
      'events',
      span.events.map(({ timeUnixNano, name, attributes }) => ({
        timeUnixNano: String(timeUnixNano),
        ...(name && { name }),
        ...some('attributes', keyValues(attributes)),
      })),
    ),
    ...some(
      'links',
      span.links.map(({ traceId, spanId, traceState, attributes }) => ({
        traceId,
        spanId,
        ...(traceState && { traceState }),
        ...some('attributes', keyValues(attributes)),
      })),
    ),
    status: {
      ...(code > 0 && { code }),
      ...(span.status.message && { message: span.status.message }),
    },
  };
}

const some = (name: string, list: readonly object[]) => (list.length > 0 ? { [name]: list } : {});

const keyValues = (attributes: Attributes): KeyValue[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: AttributeValue): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      return { doubleValue: Number.isFinite(value) ? value : String(value) };
    default:
      if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
      if (Array.isArray(value))
        return { arrayValue: { values: (value as readonly AttributeValue[]).map(anyValue) } };
      return { kvlistValue: { values: keyValues(value as Attributes) } };
  }
}

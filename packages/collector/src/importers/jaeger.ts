// Jaeger's query API JSON (`/api/traces`) as spans. The mapping is the one that Jaeger 2 itself uses
// between its old model and OTLP, so that what goes out through a Jaeger API again is the same:
// span.kind, error, otel.status_code, otel.status_description, otel.scope.name/version and
// w3c.tracestate become fields, all other tags stay attributes with their types.

import type {
  AttributeValue,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from '@clover/model';
import { hexId, isRecord, listOf, textOf, unsigned, type JsonRecord } from './json-shape.ts';
import type { Refusals } from './refusals.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  internal: 'internal',
  server: 'server',
  client: 'client',
  producer: 'producer',
  consumer: 'consumer',
};
/** Jaeger's own key for warnings inside OTLP. */
export const JAEGER_WARNINGS = '@jaeger@warnings';
/** OpenTracing's convention for links: child_of or follows_from. */
export const REFERENCE_TYPE = 'opentracing.ref_type';

/** JSON.parse rounds whole numbers beyond 2^53: make text of the values that may be such. */
export function keepLongIntegers(text: string): string {
  return text.replace(/([{,]\s*"value"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g, '$1"$2"');
}

/**
 * The spans of one trace (`{traceID, spans, processes}`). A span that cannot be one is left out and
 * counted in `refusals` with its place; ids of 64 bits are padded with zeros.
 */
export function jaegerTraceToSpans(trace: unknown, pointer: string, refusals: Refusals): Span[] {
  if (!isRecord(trace) || !Array.isArray(trace.spans)) {
    refusals.add('not a Jaeger trace', pointer || '/');
    return [];
  }
  const processes = isRecord(trace.processes) ? trace.processes : {};
  const resources = new Map<unknown, Span['resource']>();
  const spans: Span[] = [];
  trace.spans.forEach((raw: unknown, index) => {
    const refuse = (reason: string) => void refusals.add(reason, `${pointer}/spans/${index}`);
    if (!isRecord(raw)) return refuse('a span is not an object');
    const traceId = hexId(raw.traceID ?? trace.traceID, 16);
    if (traceId === undefined) return refuse('the trace id is not 1 to 32 hex digits');
    const spanId = hexId(raw.spanID, 8);
    if (spanId === undefined) return refuse('the span id is not 1 to 16 hex digits');
    const startMicros = unsigned(raw.startTime);
    if (startMicros === undefined) return refuse('startTime is not a whole number of microseconds');
    const durationMicros = unsigned(raw.duration ?? 0);
    if (durationMicros === undefined)
      return refuse('duration is not a whole number of microseconds');
    const process = isRecord(raw.process) ? raw.process : processes[textOf(raw.processID)];
    let resource = resources.get(process);
    if (resource === undefined) {
      resource = processToResource(process);
      resources.set(process, resource);
    }
    spans.push(toSpan(raw, { traceId, spanId, startMicros, durationMicros, resource }));
  });
  return spans;
}

interface Known {
  readonly traceId: string;
  readonly spanId: string;
  readonly startMicros: bigint;
  readonly durationMicros: bigint;
  readonly resource: Span['resource'];
}

function toSpan(raw: JsonRecord, known: Known): Span {
  const tags = new Map(tagEntries(raw.tags));
  const kind = KINDS[String(take(tags, 'span.kind', (value) => String(value) in KINDS))];
  const status = takeStatus(tags);
  const scopeName = textOf(take(tags, 'otel.scope.name') ?? take(tags, 'otel.library.name'));
  const scopeVersion = textOf(
    take(tags, 'otel.scope.version') ?? take(tags, 'otel.library.version'),
  );
  const traceState = textOf(take(tags, 'w3c.tracestate'));
  const warnings = listOf(raw.warnings).filter(
    (text): text is string => typeof text === 'string' && !isQueryTimeWarning(text),
  );
  if (warnings.length > 0) tags.set(JAEGER_WARNINGS, warnings);
  const { parentSpanId, links } = references(raw, known.traceId);
  return {
    traceId: known.traceId,
    spanId: known.spanId,
    parentSpanId,
    traceState,
    name: textOf(raw.operationName),
    kind: kind ?? 'unspecified',
    startTimeUnixNano: known.startMicros * 1000n,
    durationNs: known.durationMicros * 1000n,
    status,
    attributes: Object.fromEntries(tags),
    events: listOf(raw.logs).filter(isRecord).map(logToEvent),
    links,
    resource: known.resource,
    scope: { name: scopeName, version: scopeVersion },
  };
}

/** The value of a tag, removed when `accept` takes it; undefined otherwise. */
function take(
  tags: Map<string, AttributeValue>,
  key: string,
  accept: (value: AttributeValue) => boolean = (value) => typeof value === 'string',
): AttributeValue | undefined {
  const value = tags.get(key);
  if (value === undefined || !accept(value)) return undefined;
  tags.delete(key);
  return value;
}

// otel.status_code says it outright; without it the error tag (a bool, or the text of one) does.
function takeStatus(tags: Map<string, AttributeValue>): { code: StatusCode; message: string } {
  const error = take(tags, 'error', (value) =>
    ['true', 'false'].includes(String(value).toLowerCase()),
  );
  const said = take(tags, 'otel.status_code', (value) =>
    ['OK', 'ERROR', 'UNSET'].includes(String(value)),
  );
  const failed = String(error).toLowerCase() === 'true';
  const code: StatusCode = said === 'ERROR' || failed ? 'error' : said === 'OK' ? 'ok' : 'unset';
  return { code, message: textOf(take(tags, 'otel.status_description')) };
}

// The parent is the first CHILD_OF of the same trace, else the first FOLLOWS_FROM of it; every other
// reference is a link.
function references(raw: JsonRecord, traceId: string): { parentSpanId: string; links: SpanLink[] } {
  const found: { traceId: string; spanId: string; type: string }[] = [];
  for (const reference of listOf(raw.references)) {
    if (!isRecord(reference)) continue;
    const to = hexId(reference.traceID ?? traceId, 16);
    const spanId = hexId(reference.spanID, 8);
    if (to === undefined || spanId === undefined) continue;
    const type = reference.refType === 'FOLLOWS_FROM' ? 'follows_from' : 'child_of';
    found.push({ traceId: to, spanId, type });
  }
  const local = (type: string) =>
    found.findIndex((reference) => reference.traceId === traceId && reference.type === type);
  const parent = local('child_of') === -1 ? local('follows_from') : local('child_of');
  return {
    // Exports from before references carried the parent in a field of its own.
    parentSpanId: found[parent]?.spanId ?? hexId(raw.parentSpanID, 8) ?? '',
    links: found
      .filter((_, index) => index !== parent)
      .map(({ traceId: to, spanId, type }) => ({
        traceId: to,
        spanId,
        attributes: { [REFERENCE_TYPE]: type },
      })),
  };
}

function logToEvent(log: JsonRecord): SpanEvent {
  const fields = new Map(tagEntries(log.fields));
  return {
    timeUnixNano: (unsigned(log.timestamp) ?? 0n) * 1000n,
    name: textOf(take(fields, 'event')),
    attributes: Object.fromEntries(fields),
  };
}

function processToResource(process: unknown): Span['resource'] {
  if (!isRecord(process)) return { attributes: {} };
  const tags = tagEntries(process.tags).filter(([key]) => key !== 'service.name');
  const serviceName = textOf(process.serviceName);
  const named: [string, AttributeValue][] =
    serviceName === '' ? [] : [['service.name', serviceName]];
  return { attributes: Object.fromEntries([...named, ...tags]) };
}

function tagEntries(tags: unknown): [string, AttributeValue][] {
  return listOf(tags)
    .filter(isRecord)
    .filter((tag) => typeof tag.key === 'string' && tag.key !== '')
    .map((tag) => [tag.key as string, tagValue(tag)]);
}

/** bigint for int64, number for float64: the two stay apart even where JSON writes both as 1. */
function tagValue(tag: JsonRecord): AttributeValue {
  const { value } = tag;
  switch (tag.type) {
    case 'int64':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
      if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
      return plain(value);
    case 'float64':
      return typeof value === 'string' && value !== '' && !Number.isNaN(Number(value))
        ? Number(value)
        : plain(value);
    case 'bool':
      return value === 'true' ? true : value === 'false' ? false : plain(value);
    case 'binary':
      return typeof value === 'string'
        ? new Uint8Array(Buffer.from(value, 'base64'))
        : plain(value);
    default:
      return plain(value);
  }
}

function plain(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

// Jaeger's query side makes these anew for each answer, from what it has of the trace at that
// moment; they are no part of the span.
function isQueryTimeWarning(text: string): boolean {
  return text.includes('clock skew') || text.includes('calculated delta');
}

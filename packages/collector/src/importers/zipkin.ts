// Zipkin v2 JSON as spans; names of endpoint attributes as OpenTelemetry's own Zipkin translation has
// them. https://zipkin.io/zipkin-api/ · https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/

import type { AttributeValue, Span, SpanEvent, SpanKind, StatusCode } from '@clover/model';
import { hexId, isRecord, listOf, textOf, unsigned, type JsonRecord } from './json-shape.ts';
import type { Refusals } from './refusals.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  SERVER: 'server',
  CLIENT: 'client',
  PRODUCER: 'producer',
  CONSUMER: 'consumer',
};

/** One Zipkin span; undefined and a refusal with its place when it cannot be one. */
export function zipkinToSpan(raw: unknown, pointer: string, refusals: Refusals): Span | undefined {
  const refuse = (reason: string) => void refusals.add(reason, pointer);
  if (!isRecord(raw)) return refuse('a span is not an object');
  const traceId = hexId(raw.traceId, 16);
  if (traceId === undefined) return refuse('the trace id is not 1 to 32 hex digits');
  const spanId = hexId(raw.id, 8);
  if (spanId === undefined) return refuse('the span id is not 1 to 16 hex digits');
  // A reporter may leave the time out of a span that it saw only a part of; its notes have times.
  const startMicros = unsigned(raw.timestamp) ?? firstAnnotation(raw.annotations);
  if (startMicros === undefined) return refuse('timestamp is not a whole number of microseconds');
  const durationMicros = unsigned(raw.duration ?? 0);
  if (durationMicros === undefined) return refuse('duration is not a whole number of microseconds');
  const tags = new Map<string, string>(
    Object.entries(isRecord(raw.tags) ? raw.tags : {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const status = takeStatus(tags);
  const scope = {
    name: take(tags, 'otel.scope.name') ?? take(tags, 'otel.library.name') ?? '',
    version: take(tags, 'otel.scope.version') ?? take(tags, 'otel.library.version') ?? '',
  };
  const traceState = take(tags, 'w3c.tracestate') ?? '';
  const local = isRecord(raw.localEndpoint) ? raw.localEndpoint : {};
  const remote = isRecord(raw.remoteEndpoint) ? raw.remoteEndpoint : {};
  const attributes: [string, AttributeValue][] = [
    ...endpoint(local, 'net.host'),
    ...endpoint(remote, 'net.peer'),
    ...(textOf(remote.serviceName) === ''
      ? []
      : [['peer.service', textOf(remote.serviceName)] as [string, AttributeValue]]),
    ...tags,
  ];
  const serviceName = textOf(local.serviceName);
  return {
    traceId,
    spanId,
    parentSpanId: hexId(raw.parentId, 8) ?? '',
    traceState,
    name: textOf(raw.name),
    kind: KINDS[textOf(raw.kind)] ?? 'internal',
    startTimeUnixNano: startMicros * 1000n,
    durationNs: durationMicros * 1000n,
    status,
    attributes: Object.fromEntries(attributes),
    events: listOf(raw.annotations).filter(isRecord).map(annotation),
    links: [],
    resource: { attributes: serviceName === '' ? {} : { 'service.name': serviceName } },
    scope,
  };
}

function take(tags: Map<string, string>, key: string): string | undefined {
  const value = tags.get(key);
  tags.delete(key);
  return value;
}

// Zipkin: the mere presence of `error` means failure, its value is the message.
function takeStatus(tags: Map<string, string>): { code: StatusCode; message: string } {
  const error = take(tags, 'error');
  const said = take(tags, 'otel.status_code');
  const description = take(tags, 'otel.status_description');
  if (error !== undefined && error !== 'false') {
    return { code: 'error', message: description ?? (error === 'true' ? '' : error) };
  }
  const code = said === 'ERROR' ? 'error' : said === 'OK' ? 'ok' : 'unset';
  return { code, message: description ?? '' };
}

function endpoint(from: JsonRecord, prefix: string): [string, AttributeValue][] {
  const found: [string, AttributeValue][] = [];
  const address = textOf(from.ipv4) || textOf(from.ipv6);
  if (address !== '') found.push([`${prefix}.ip`, address]);
  if (typeof from.port === 'number' && from.port > 0) {
    found.push([`${prefix}.port`, BigInt(Math.trunc(from.port))]);
  }
  return found;
}

function firstAnnotation(list: unknown): bigint | undefined {
  return listOf(list)
    .filter(isRecord)
    .map((raw) => unsigned(raw.timestamp))
    .filter((time) => time !== undefined)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[0];
}

function annotation(raw: JsonRecord): SpanEvent {
  const timeUnixNano = (unsigned(raw.timestamp) ?? 0n) * 1000n;
  return { timeUnixNano, name: textOf(raw.value), attributes: {} };
}

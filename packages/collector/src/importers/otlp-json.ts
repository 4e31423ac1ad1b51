// OTLP's JSON form of spans, as SDKs post it and the OpenTelemetry collector's file exporter writes
// it. Ids are hex, 64-bit numbers decimal text, enums numbers or names, unknown fields are ignored.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

import {
  SPAN_KINDS,
  STATUS_CODES,
  type AttributeValue,
  type Span,
  type SpanKind,
  type StatusCode,
} from '@clover/model';
import { hexId, isRecord, listOf, textOf, unsigned, type JsonRecord } from './json-shape.ts';
import type { Refusals } from './refusals.ts';

const MAX_DEPTH = 64;

/** The spans of one ResourceSpans; those that cannot be spans are left out and counted with their place. */
export function otlpResourceToSpans(raw: unknown, pointer: string, refusals: Refusals): Span[] {
  if (!isRecord(raw)) {
    refusals.add('resourceSpans is not an object', pointer);
    return [];
  }
  const resource = {
    attributes: attributesOf(isRecord(raw.resource) ? raw.resource.attributes : undefined),
  };
  const spans: Span[] = [];
  const member = raw.scopeSpans === undefined ? 'instrumentationLibrarySpans' : 'scopeSpans';
  listOf(raw[member]).forEach((group, groupIndex) => {
    if (!isRecord(group)) return;
    const from = isRecord(group.scope) ? group.scope : group.instrumentationLibrary;
    const scope = isRecord(from)
      ? { name: textOf(from.name), version: textOf(from.version) }
      : { name: '', version: '' };
    listOf(group.spans).forEach((span, index) => {
      const place = `${pointer}/${member}/${groupIndex}/spans/${index}`;
      const converted = toSpan(span, place, { resource, scope }, refusals);
      if (converted !== undefined) spans.push(converted);
    });
  });
  return spans;
}

function toSpan(
  raw: unknown,
  place: string,
  from: Pick<Span, 'resource' | 'scope'>,
  refusals: Refusals,
): Span | undefined {
  const refuse = (reason: string) => void refusals.add(reason, place);
  if (!isRecord(raw)) return refuse('a span is not an object');
  const traceId = hexId(raw.traceId, 16);
  if (traceId === undefined) return refuse('the trace id is not 1 to 32 hex digits');
  const spanId = hexId(raw.spanId, 8);
  if (spanId === undefined) return refuse('the span id is not 1 to 16 hex digits');
  const start = unsigned(raw.startTimeUnixNano);
  if (start === undefined || start === 0n) return refuse('startTimeUnixNano is missing');
  const end = unsigned(raw.endTimeUnixNano) ?? start;
  const status = isRecord(raw.status) ? raw.status : {};
  return {
    traceId,
    spanId,
    parentSpanId: hexId(raw.parentSpanId, 8) ?? '',
    traceState: textOf(raw.traceState),
    name: textOf(raw.name),
    kind: enumOf(raw.kind, SPAN_KINDS, 'SPAN_KIND_') satisfies SpanKind,
    startTimeUnixNano: start,
    durationNs: end > start ? end - start : 0n,
    status: {
      code: enumOf(status.code, STATUS_CODES, 'STATUS_CODE_') satisfies StatusCode,
      message: textOf(status.message),
    },
    attributes: attributesOf(raw.attributes),
    events: listOf(raw.events)
      .filter(isRecord)
      .map((event) => ({
        timeUnixNano: unsigned(event.timeUnixNano) ?? 0n,
        name: textOf(event.name),
        attributes: attributesOf(event.attributes),
      })),
    links: listOf(raw.links).filter(isRecord).flatMap(linkOf),
    ...from,
  };
}

function linkOf(raw: JsonRecord): Span['links'] {
  const traceId = hexId(raw.traceId, 16);
  const spanId = hexId(raw.spanId, 8);
  if (traceId === undefined || spanId === undefined) return [];
  return [{ traceId, spanId, attributes: attributesOf(raw.attributes) }];
}

/** A protobuf enum as its number or its name; the first of `names` for anything else. */
function enumOf<T extends string>(value: unknown, names: readonly T[], prefix: string): T {
  if (typeof value === 'number') return names[value] ?? names[0]!;
  const name = textOf(value).toUpperCase();
  return names.find((known) => `${prefix}${known.toUpperCase()}` === name) ?? names[0]!;
}

/** A list of KeyValue as attributes; entries without a key are left out, the last of equal keys stands. */
export function attributesOf(list: unknown, depth = 0): Record<string, AttributeValue> {
  return Object.fromEntries(
    listOf(list)
      .filter(isRecord)
      .filter((entry) => textOf(entry.key) !== '')
      .map((entry) => [entry.key as string, valueOf(entry.value, depth)]),
  );
}

function valueOf(value: unknown, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
  if (!isRecord(value)) return '';
  if (value.stringValue !== undefined) return textOf(value.stringValue);
  if (value.boolValue !== undefined) return value.boolValue === true;
  if (value.intValue !== undefined) return integerOf(value.intValue);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (isRecord(value.arrayValue))
    return listOf(value.arrayValue.values).map((item) => valueOf(item, depth + 1));
  if (isRecord(value.kvlistValue)) return attributesOf(value.kvlistValue.values, depth + 1);
  if (value.bytesValue !== undefined) {
    return new Uint8Array(Buffer.from(textOf(value.bytesValue), 'base64'));
  }
  return '';
}

function integerOf(value: unknown): AttributeValue {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : String(value);
}

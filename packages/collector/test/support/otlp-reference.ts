// The slow and obvious way from an OTLP request (as a plain object) to rows: what the fast decoders
// are held against. It goes through the object form of spans and the same builder's appendSpan, so it
// checks reading the wire, not the translation of names.

import type { AttributeValue, Attributes, Span } from '@clover/model';
import { SPAN_KINDS, STATUS_CODES } from '@clover/model';
import { SpanBatchBuilder } from '../../src/builder.ts';
import { readBatch, type BatchRow } from './read-batch.ts';

interface Value {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  bytesValue?: Uint8Array;
  arrayValue?: { values: Value[] };
  kvlistValue?: { values: KeyValue[] };
}
interface KeyValue {
  key: string;
  value: Value;
}
interface SpanObject {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId: Uint8Array;
  traceState: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  droppedAttributesCount: number;
  events: { timeUnixNano: string; name: string; attributes: KeyValue[] }[];
  links: { traceId: Uint8Array; spanId: Uint8Array; traceState: string; attributes: KeyValue[] }[];
  status: { code: number; message: string };
}
export interface Request {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { scope: { name: string; version: string }; spans: SpanObject[] }[];
  }[];
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The rows of a request in its order, and how many spans OTLP calls invalid. */
export function referenceRows(
  request: Request,
  source: string,
): { rows: BatchRow[]; refused: number } {
  const rows: BatchRow[] = [];
  let refused = 0;
  const builder = new SpanBatchBuilder();
  for (const group of request.resourceSpans) {
    for (const { scope, spans } of group.scopeSpans) {
      for (const span of spans) {
        builder.reset();
        if (builder.appendSpan(toSpan(span, group.resource, scope), source) !== undefined)
          refused++;
        else rows.push(readBatch(builder.finish())[0]!);
      }
    }
  }
  return { rows, refused };
}

function toSpan(
  span: SpanObject,
  resource: { attributes: KeyValue[] },
  scope: Span['scope'],
): Span {
  const start = BigInt(span.startTimeUnixNano);
  const end = BigInt(span.endTimeUnixNano);
  return {
    traceId: hex(span.traceId) || '0'.repeat(32),
    spanId: hex(span.spanId) || '0'.repeat(16),
    parentSpanId: hex(span.parentSpanId),
    traceState: span.traceState,
    name: span.name,
    kind: SPAN_KINDS[span.kind] ?? 'unspecified',
    startTimeUnixNano: start,
    durationNs: end > start ? end - start : 0n,
    status: { code: STATUS_CODES[span.status.code]!, message: span.status.message },
    attributes: {
      ...attributesOf(span.attributes),
      ...(span.droppedAttributesCount > 0
        ? { 'otel.dropped_attributes_count': span.droppedAttributesCount }
        : {}),
    },
    events: span.events.map((event) => ({
      timeUnixNano: BigInt(event.timeUnixNano),
      name: event.name,
      attributes: nestedAttributes(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      ...(link.traceState === '' ? {} : { traceState: link.traceState }),
      attributes: nestedAttributes(link.attributes),
    })),
    resource: { attributes: attributesOf(resource.attributes) },
    scope,
  };
}

function attributesOf(list: readonly KeyValue[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, valueOf(value) ?? '']));
}

/** Inside JSON an empty value is null. */
function nestedAttributes(list: readonly KeyValue[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, valueOf(value) as AttributeValue]));
}

function valueOf(value: Value): AttributeValue | undefined {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return BigInt(value.intValue);
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue !== undefined)
    return value.arrayValue.values.map((item) => valueOf(item) as AttributeValue);
  if (value.kvlistValue !== undefined) return nestedAttributes(value.kvlistValue.values);
  return undefined;
}

/** The same request in OTLP's JSON form. */
export function toOtlpJson(request: Request): unknown {
  return JSON.parse(
    JSON.stringify(request, function (this: Record<string, unknown>, key, value: unknown) {
      const raw = this[key];
      if (raw instanceof Uint8Array) {
        return key === 'bytesValue' ? Buffer.from(raw).toString('base64') : hex(raw);
      }
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
      return value;
    }),
  );
}

// The slow path into a batch: a span in object form, as imports and pulls have it.

import {
  SPAN_KINDS,
  STATUS_CODES,
  type Attributes,
  type AttributeValue,
  type Span,
} from '@clover/model';
import { TYPE } from './builder-attributes.ts';
import type { SpanBatchBuilder, SpanRefusal } from './builder.ts';

/** Appends `span`; see SpanBatchBuilder.appendSpan. */
export function appendSpanObject(
  builder: SpanBatchBuilder,
  span: Span,
  source: string,
): SpanRefusal | undefined {
  const { strings } = builder;
  addAttributes(builder, span.resource.attributes);
  builder.resource = builder.addResource();
  builder.beginSpan();
  const { columns } = builder;
  const row = builder.count;
  if (!putHex(span.traceId, columns.traceIds, row * 16, 16)) return 'invalid_trace_id';
  if (!putHex(span.spanId, columns.spanIds, row * 8, 8)) return 'invalid_span_id';
  if (span.parentSpanId !== '' && !putHex(span.parentSpanId, columns.parentSpanIds, row * 8, 8))
    return 'invalid_span_id';
  builder.source = strings.internString(source);
  builder.scopeName = strings.internString(span.scope.name);
  builder.name = strings.internString(span.name);
  builder.traceState = strings.internString(span.traceState);
  builder.kind = SPAN_KINDS.indexOf(span.kind);
  builder.statusCode = STATUS_CODES.indexOf(span.status.code);
  builder.statusMessage = strings.internString(span.status.message);
  if (span.startTimeUnixNano < 0n || span.startTimeUnixNano >> 64n !== 0n) return 'invalid_time';
  const end = span.startTimeUnixNano + (span.durationNs > 0n ? span.durationNs : 0n);
  builder.startLow = Number(span.startTimeUnixNano & 0xffff_ffffn);
  builder.startHigh = Number(span.startTimeUnixNano >> 32n);
  builder.endLow = Number(end & 0xffff_ffffn);
  builder.endHigh = Number(end >> 32n);
  setEvents(builder, span);
  if (span.links.length > 0) {
    const links = span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      ...(link.traceState ? { traceState: link.traceState } : {}),
      attributes: link.attributes,
    }));
    builder.links = strings.internString(jsonText(links));
  }
  addAttributes(builder, span.attributes);
  if (span.scope.version !== '') addText(builder, 'otel.scope.version', span.scope.version);
  return builder.endSpan();
}

function setEvents(builder: SpanBatchBuilder, span: Span): void {
  if (span.events.length === 0) return;
  const events = span.events.map((event) => ({
    timeUnixNano: String(event.timeUnixNano),
    name: event.name,
    attributes: event.attributes,
  }));
  builder.events = builder.strings.internString(jsonText(events));
  for (const event of span.events) {
    if (event.name !== 'exception') continue;
    builder.exceptionType = textId(builder, event.attributes['exception.type']);
    builder.exceptionMessage = textId(builder, event.attributes['exception.message']);
  }
}

function textId(builder: SpanBatchBuilder, value: AttributeValue | undefined): number {
  return value === undefined ? 0 : builder.strings.internString(attributeText(value).text);
}

function addAttributes(builder: SpanBatchBuilder, attributes: Attributes): void {
  const { strings, translator } = builder;
  translator.pending = 0;
  for (const [key, value] of Object.entries(attributes)) {
    const { text, type } = attributeText(value);
    translator.add(strings.internString(key), strings.internString(text), type);
  }
}

function addText(builder: SpanBatchBuilder, key: string, text: string): void {
  const { strings, translator } = builder;
  translator.add(strings.internString(key), strings.internString(text), TYPE.string);
}

/** A value as the batch holds it: text and an index into ATTRIBUTE_TYPES. Arrays and maps are JSON, bytes base64. */
export function attributeText(value: AttributeValue): { text: string; type: number } {
  switch (typeof value) {
    case 'string':
      return { text: value, type: TYPE.string };
    case 'number':
      return { text: String(value), type: Number.isInteger(value) ? TYPE.int : TYPE.double };
    case 'bigint':
      return { text: String(value), type: TYPE.int };
    case 'boolean':
      return { text: value ? 'true' : 'false', type: TYPE.bool };
    default:
      if (value instanceof Uint8Array)
        return { text: Buffer.from(value).toString('base64'), type: TYPE.bytes };
      return { text: jsonText(value), type: TYPE.json };
  }
}

/** JSON with bigints as numbers, bytes as base64, and NaN and infinities as strings. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`,
    );
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Writes `length` bytes from hex text; false when it is no hex of that length. */
export function putHex(hex: string, to: Uint8Array, at: number, length: number): boolean {
  if (hex.length !== length * 2) return false;
  for (let i = 0; i < length; i++) {
    const high = hexDigit(hex.charCodeAt(i * 2));
    const low = hexDigit(hex.charCodeAt(i * 2 + 1));
    if (high < 0 || low < 0) return false;
    to[at + i] = high * 16 + low;
  }
  return true;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex of bytes [start, end). */
export function toHex(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += HEX[bytes[i]!]!;
  return text;
}

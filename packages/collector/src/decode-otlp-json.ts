// ExportTraceServiceRequest in OTLP's JSON form into the open batch: ids in hex, enums as numbers or
// names, 64-bit numbers as text or numbers, unknown fields ignored, fields of the wrong type refused.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

import { SPAN_KINDS, STATUS_CODES } from '@clover/model';
import { TYPE } from './builder-attributes.ts';
import type { SpanBatchBuilder } from './builder.ts';
import { putHex } from './builder-span-object.ts';
import { TEXT } from './builder-strings.ts';
import { MalformedError } from './decode-error.ts';
import {
  attributeOfJson,
  fieldsOfJson,
  keyOfJson,
  textOfJsonText,
} from './decode-otlp-json-value.ts';
import { objectJson } from './decode-otlp-value.ts';
import { SpanCounts } from './decode-result.ts';
import {
  at,
  listField,
  numberField,
  recordField,
  recordsField,
  textField,
  unsignedField,
  type JsonRecord,
} from './decode-json-fields.ts';

/** As decodeOtlpProto, for the JSON form. */
export function decodeOtlpJson(
  bytes: Uint8Array,
  builder: SpanBatchBuilder,
  source: string,
): SpanCounts {
  const request = parseJson(bytes);
  const counts = new SpanCounts();
  builder.source = builder.strings.internString(source);
  recordsField(request, 'resourceSpans', (group) => resourceSpans(builder, group, counts));
  return counts;
}

/** Nanoseconds since 1970 have 19 digits: as bare numbers they would lose the last three. */
const BARE_LONG_NUMBER = /("(?:\w*[tT]imeUnixNano|intValue)"\s*:\s*)(-?\d{16,20})(?=\s*[,}\]])/g;

function parseJson(bytes: Uint8Array): JsonRecord {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedError('the body is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(BARE_LONG_NUMBER, '$1"$2"'));
  } catch (error) {
    throw new MalformedError(`the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedError('the body is not a JSON object');
  return value as JsonRecord; // checked above
}

function resourceSpans(builder: SpanBatchBuilder, group: JsonRecord, counts: SpanCounts): void {
  builder.translator.pending = 0;
  const resource = recordField(group, 'resource');
  if (resource) at('resource', () => pendingAttributes(builder, resource));
  builder.resource = builder.addResource();
  recordsField(group, 'scopeSpans', (scopeSpans) => {
    const scope = recordField(scopeSpans, 'scope');
    const extras = scope ? at('scope', () => scopeExtras(scope)) : [];
    builder.scopeName = scope ? builder.strings.internString(textField(scope, 'name')) : TEXT.empty;
    recordsField(scopeSpans, 'spans', (span) => counts.add(addSpan(builder, span, extras)));
  });
}

type Extra = readonly [key: string, text: string, type: number];

function scopeExtras(scope: JsonRecord): Extra[] {
  const extras: Extra[] = [];
  const version = textField(scope, 'version');
  if (version !== '') extras.push(['otel.scope.version', version, TYPE.string]);
  recordsField(scope, 'attributes', (entry) => {
    const { text, type } = attributeOfJson(entry);
    extras.push([`otel.scope.${keyOfJson(entry)}`, text, type]);
  });
  return extras;
}

function addSpan(builder: SpanBatchBuilder, span: JsonRecord, extras: readonly Extra[]) {
  builder.beginSpan();
  const { columns, strings, count: row } = builder;
  putId(span, 'traceId', columns.traceIds, row * 16, 16);
  putId(span, 'spanId', columns.spanIds, row * 8, 8);
  putId(span, 'parentSpanId', columns.parentSpanIds, row * 8, 8);
  builder.traceState = strings.internString(textField(span, 'traceState'));
  builder.name = strings.internString(textField(span, 'name'));
  builder.kind = enumField(span, 'kind', SPAN_KINDS, 'SPAN_KIND_');
  const start = unsignedField(span, 'startTimeUnixNano');
  const end = unsignedField(span, 'endTimeUnixNano');
  builder.startLow = Number(start & 0xffff_ffffn);
  builder.startHigh = Number(start >> 32n);
  builder.endLow = Number(end & 0xffff_ffffn);
  builder.endHigh = Number(end >> 32n);
  const status = recordField(span, 'status');
  if (status) {
    at('status', () => {
      builder.statusCode = enumField(status, 'code', STATUS_CODES, 'STATUS_CODE_');
      builder.statusMessage = strings.internString(textField(status, 'message'));
    });
  }
  pendingAttributes(builder, span);
  for (const [field, name] of DROPPED) {
    const dropped = numberField(span, field);
    if (dropped > 0) addAttribute(builder, [name, String(dropped), TYPE.int]);
  }
  for (const extra of extras) addAttribute(builder, extra);
  addEvents(builder, span);
  addLinks(builder, span);
  return builder.endSpan();
}

const DROPPED = [
  ['droppedAttributesCount', 'otel.dropped_attributes_count'],
  ['droppedEventsCount', 'otel.dropped_events_count'],
  ['droppedLinksCount', 'otel.dropped_links_count'],
] as const;

function pendingAttributes(builder: SpanBatchBuilder, of: JsonRecord): void {
  recordsField(of, 'attributes', (entry) => {
    const { text, type } = attributeOfJson(entry);
    addAttribute(builder, [keyOfJson(entry), text, type]);
  });
}

function addAttribute(builder: SpanBatchBuilder, [key, text, type]: Extra): void {
  const { strings, translator } = builder;
  translator.add(strings.internString(key), strings.internString(text), type);
}

function addEvents(builder: SpanBatchBuilder, span: JsonRecord): void {
  if (listField(span, 'events').length === 0) return;
  const events: string[] = [];
  recordsField(span, 'events', (event) => {
    const name = textField(event, 'name');
    const fields = fieldsOfJson(event, 'attributes');
    if (name === 'exception') {
      builder.exceptionType = builder.strings.internString(
        textOfJsonText(fields.get('exception.type')),
      );
      builder.exceptionMessage = builder.strings.internString(
        textOfJsonText(fields.get('exception.message')),
      );
    }
    const time = unsignedField(event, 'timeUnixNano');
    events.push(
      `{"timeUnixNano":"${time}","name":${JSON.stringify(name)},"attributes":${objectJson(fields)}}`,
    );
  });
  builder.events = builder.strings.internString(`[${events.join()}]`);
}

function addLinks(builder: SpanBatchBuilder, span: JsonRecord): void {
  if (listField(span, 'links').length === 0) return;
  const links: string[] = [];
  const id = new Uint8Array(16);
  recordsField(span, 'links', (link) => {
    putId(link, 'traceId', id, 0, 16);
    putId(link, 'spanId', id, 0, 8);
    const traceState = textField(link, 'traceState');
    const state = traceState === '' ? '' : `,"traceState":${JSON.stringify(traceState)}`;
    links.push(
      `{"traceId":"${textField(link, 'traceId').toLowerCase()}","spanId":"${textField(link, 'spanId').toLowerCase()}"${state},"attributes":${objectJson(fieldsOfJson(link, 'attributes'))}}`,
    );
  });
  builder.links = builder.strings.internString(`[${links.join()}]`);
}

/** Hex of exactly `size` bytes; a missing or empty id leaves zeros. */
function putId(of: JsonRecord, field: string, to: Uint8Array, start: number, size: number): void {
  const hex = textField(of, field);
  if (hex !== '' && !putHex(hex, to, start, size)) {
    throw new MalformedError(`an id of ${size * 2} hex digits is due`).within(field);
  }
}

/** The index of an enum given as its number or its name; 0 for numbers beyond the known. */
function enumField(
  of: JsonRecord,
  field: string,
  names: readonly string[],
  prefix: string,
): number {
  const value = of[field];
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value))
    return value >= 0 && value < names.length ? value : 0;
  if (typeof value === 'string') {
    if (/^\d+$/.test(value)) return Number(value) < names.length ? Number(value) : 0;
    const index = names.findIndex((name) => prefix + name.toUpperCase() === value);
    if (index >= 0) return index;
  }
  throw new MalformedError(
    `${JSON.stringify(value)?.slice(0, 60)} is not one of its values`,
  ).within(field);
}

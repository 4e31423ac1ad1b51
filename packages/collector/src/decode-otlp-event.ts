// Span.Event and Span.Link, which the batch holds as JSON text.

import type { SpanBatchBuilder } from './builder.ts';
import { TEXT } from './builder-strings.ts';
import { located, type OtlpFieldReader } from './decode-otlp-fields.ts';
import { objectJson } from './decode-otlp-value.ts';

const EVENT_FIELDS = {
  1: 'time_unix_nano',
  2: 'name',
  3: 'attributes',
  4: 'dropped_attributes_count',
};
const LINK_FIELDS = {
  1: 'trace_id',
  2: 'span_id',
  3: 'trace_state',
  4: 'attributes',
  5: 'dropped_attributes_count',
  6: 'flags',
};

/** The event that ends at `end` as JSON; an exception also fills the span's exception columns. */
export function readEvent(fields: OtlpFieldReader, end: number, index: number): string {
  const { reader, builder, values } = fields;
  let low = 0;
  let high = 0;
  let name = '';
  const attributes = new Map<string, string>();
  try {
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x09) {
        reader.fixed64(end);
        ({ low, high } = reader);
      } else if (tag === 0x12) name = builder.strings.text(fields.text(end, 'name'));
      else if (tag === 0x1a) values.keyValueJson(fields.innerEnd(end), attributes);
      else reader.skipUnknown(tag, end, EVENT_FIELDS, 0x20);
    }
  } catch (error) {
    throw located(error, `events[${index}]`);
  }
  if (name === 'exception') {
    builder.exceptionType = textOfJson(builder, attributes.get('exception.type'));
    builder.exceptionMessage = textOfJson(builder, attributes.get('exception.message'));
  }
  const time = (BigInt(high) << 32n) | BigInt(low);
  return `{"timeUnixNano":"${time}","name":${JSON.stringify(name)},"attributes":${objectJson(attributes)}}`;
}

/** The link that ends at `end` as JSON. */
export function readLink(fields: OtlpFieldReader, end: number, index: number): string {
  const { reader, builder, values } = fields;
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes = new Map<string, string>();
  try {
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) traceId = fields.hexId(16, end, 'trace_id');
      else if (tag === 0x12) spanId = fields.hexId(8, end, 'span_id');
      else if (tag === 0x1a) traceState = builder.strings.text(fields.text(end, 'trace_state'));
      else if (tag === 0x22) values.keyValueJson(fields.innerEnd(end), attributes);
      else if (tag === 0x35) reader.skip(tag, end);
      else reader.skipUnknown(tag, end, LINK_FIELDS, 0x28);
    }
  } catch (error) {
    throw located(error, `links[${index}]`);
  }
  const state = traceState === '' ? '' : `,"traceState":${JSON.stringify(traceState)}`;
  return `{"traceId":"${traceId}","spanId":"${spanId}"${state},"attributes":${objectJson(attributes)}}`;
}

function textOfJson(builder: SpanBatchBuilder, json: string | undefined): number {
  if (json === undefined) return TEXT.empty;
  return builder.strings.internString(json.startsWith('"') ? (JSON.parse(json) as string) : json);
}

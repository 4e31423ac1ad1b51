// ExportTraceServiceRequest from its protobuf encoding straight into the open batch: no object per span.
// An attribute or resource whose encoding was seen before in the batch is not even parsed.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto

import { TYPE } from './builder-attributes.ts';
import type { SpanBatchBuilder } from './builder.ts';
import { TEXT } from './builder-strings.ts';
import { readEvent, readLink } from './decode-otlp-event.ts';
import { located, OtlpFieldReader } from './decode-otlp-fields.ts';
import { SpanCounts } from './decode-result.ts';

const REQUEST_FIELDS = { 1: 'resource_spans' };
const RESOURCE_SPANS_FIELDS = { 1: 'resource', 2: 'scope_spans', 3: 'schema_url' };
const RESOURCE_FIELDS = { 1: 'attributes', 2: 'dropped_attributes_count' };
const SCOPE_SPANS_FIELDS = { 1: 'scope', 2: 'spans', 3: 'schema_url' };
const SCOPE_FIELDS = { 1: 'name', 2: 'version', 3: 'attributes', 4: 'dropped_attributes_count' };
const SPAN_FIELDS = {
  1: 'trace_id',
  2: 'span_id',
  3: 'trace_state',
  4: 'parent_span_id',
  5: 'name',
  6: 'kind',
  7: 'start_time_unix_nano',
  8: 'end_time_unix_nano',
  9: 'attributes',
  10: 'dropped_attributes_count',
  11: 'events',
  12: 'dropped_events_count',
  13: 'links',
  14: 'dropped_links_count',
  15: 'status',
  16: 'flags',
};
const STATUS_FIELDS = { 2: 'message', 3: 'code' };

/**
 * Appends a request's spans to `builder` as `source`. Spans that OTLP calls invalid are counted, not taken.
 * Throws MalformedError with the place of the fault, or BuilderFullError; the caller then rolls back.
 */
export function decodeOtlpProto(
  bytes: Uint8Array,
  builder: SpanBatchBuilder,
  source: string,
): SpanCounts {
  builder.source = builder.strings.internString(source);
  return new TraceDecoder(bytes, builder).request();
}

class TraceDecoder extends OtlpFieldReader {
  private readonly counts = new SpanCounts();
  /** Scope version and attributes: they go to each span of the scope. */
  private extras: { key: number; value: number; type: number }[] = [];

  request(): SpanCounts {
    const { reader } = this;
    const end = reader.bytes.length;
    for (let index = 0; reader.pos < end;) {
      const tag = reader.tag(end);
      if (tag !== 0x0a) {
        reader.skipUnknown(tag, end, REQUEST_FIELDS);
        continue;
      }
      try {
        this.resourceSpans(this.innerEnd(end));
      } catch (error) {
        throw located(error, `resource_spans[${index}]`);
      }
      index++;
    }
    return this.counts;
  }

  private resourceSpans(end: number): void {
    const { reader } = this;
    const start = reader.pos;
    // The resource may stand after its spans.
    let from = -1;
    let to = -1;
    let repeated: Uint8Array[] | undefined;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) {
        const innerEnd = this.innerEnd(end);
        if (from >= 0) {
          repeated ??= [reader.bytes.subarray(from, to)];
          repeated.push(reader.bytes.subarray(reader.pos, innerEnd));
        }
        from = reader.pos;
        to = innerEnd;
        reader.pos = innerEnd;
      } else if (tag === 0x12) reader.pos = this.innerEnd(end);
      else if (tag === 0x1a) reader.pos = this.innerEnd(end);
      else reader.skipUnknown(tag, end, RESOURCE_SPANS_FIELDS);
    }
    try {
      this.builder.resource = repeated ? this.mergedResource(repeated) : this.resource(from, to);
    } catch (error) {
      throw located(error, 'resource');
    }
    reader.pos = start;
    for (let index = 0; reader.pos < end;) {
      const tag = reader.tag(end);
      if (tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      try {
        this.scopeSpans(this.innerEnd(end));
      } catch (error) {
        throw located(error, `scope_spans[${index}]`);
      }
      index++;
    }
  }

  /** The resource in [start, end), an empty one for start < 0; one seen before is found by its bytes. */
  private resource(start: number, end: number): number {
    const { builder, reader } = this;
    const known = builder.resourceMessages;
    if (start < 0) {
      builder.translator.pending = 0;
      return builder.addResource();
    }
    const found = known.find(reader.view, start, end);
    if (found >= 0) return builder.resourceOfMessage[found]!;
    reader.pos = start;
    const { translator } = builder;
    translator.pending = 0;
    for (let index = 0; reader.pos < end;) {
      const tag = reader.tag(end);
      if (tag === 0x0a) this.attribute(this.innerEnd(end), index++);
      else if (tag === 0x10) this.dropped('otel.dropped_attributes_count', end);
      else reader.skipUnknown(tag, end, RESOURCE_FIELDS);
    }
    const resource = builder.addResource();
    builder.resourceOfMessage[known.intern(reader.bytes, reader.view, start, end)] = resource;
    return resource;
  }

  /** A message that stands twice is one message: protobuf joins the encodings. */
  private mergedResource(parts: readonly Uint8Array[]): number {
    const joined = Buffer.concat(parts);
    return new TraceDecoder(joined, this.builder).resource(0, joined.length);
  }

  private scopeSpans(end: number): void {
    const { reader, builder } = this;
    const start = reader.pos;
    builder.scopeName = TEXT.empty;
    this.extras = [];
    // The scope, too, may stand after its spans.
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x12 || tag === 0x1a) reader.pos = this.innerEnd(end);
      else if (tag === 0x0a) {
        try {
          this.scope(this.innerEnd(end));
        } catch (error) {
          throw located(error, 'scope');
        }
      } else reader.skipUnknown(tag, end, SCOPE_SPANS_FIELDS);
    }
    reader.pos = start;
    for (let index = 0; reader.pos < end;) {
      const tag = reader.tag(end);
      if (tag !== 0x12) {
        reader.skip(tag, end);
        continue;
      }
      try {
        this.span(this.innerEnd(end));
      } catch (error) {
        throw located(error, `spans[${index}]`);
      }
      index++;
    }
  }

  private scope(end: number): void {
    const { reader, builder } = this;
    const { strings, translator } = builder;
    translator.pending = 0;
    for (let index = 0; reader.pos < end;) {
      const tag = reader.tag(end);
      if (tag === 0x0a) builder.scopeName = this.text(end, 'name');
      else if (tag === 0x12) {
        const value = this.text(end, 'version');
        if (value !== TEXT.empty)
          this.extras.push({
            key: strings.internString('otel.scope.version'),
            value,
            type: TYPE.string,
          });
      } else if (tag === 0x1a) this.attribute(this.innerEnd(end), index++);
      else reader.skipUnknown(tag, end, SCOPE_FIELDS, 0x20);
    }
    for (let i = 0; i < translator.pending; i++) {
      const name = strings.text(translator.pendingKeys[i]!);
      this.extras.push({
        key: strings.internString(`otel.scope.${name}`),
        value: translator.pendingValues[i]!,
        type: translator.pendingTypes[i]!,
      });
    }
    translator.pending = 0;
  }

  private span(end: number): void {
    const { reader, builder } = this;
    builder.beginSpan();
    const { columns, translator } = builder;
    const row = builder.count;
    let attributes = 0;
    let events: string[] | undefined;
    let links: string[] | undefined;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 0x0a:
          this.id(columns.traceIds, row * 16, 16, end, 'trace_id');
          break;
        case 0x12:
          this.id(columns.spanIds, row * 8, 8, end, 'span_id');
          break;
        case 0x1a:
          builder.traceState = this.text(end, 'trace_state');
          break;
        case 0x22:
          this.id(columns.parentSpanIds, row * 8, 8, end, 'parent_span_id');
          break;
        case 0x2a:
          builder.name = this.text(end, 'name');
          break;
        case 0x30:
          reader.varint(end);
          builder.kind = reader.high === 0 && reader.low <= 5 ? reader.low : 0;
          break;
        case 0x39:
          reader.fixed64(end);
          builder.startLow = reader.low;
          builder.startHigh = reader.high;
          break;
        case 0x41:
          reader.fixed64(end);
          builder.endLow = reader.low;
          builder.endHigh = reader.high;
          break;
        case 0x4a:
          this.attribute(this.innerEnd(end), attributes++);
          break;
        case 0x50:
          this.dropped('otel.dropped_attributes_count', end);
          break;
        case 0x5a:
          events ??= [];
          events.push(readEvent(this, this.innerEnd(end), events.length));
          break;
        case 0x60:
          this.dropped('otel.dropped_events_count', end);
          break;
        case 0x6a:
          links ??= [];
          links.push(readLink(this, this.innerEnd(end), links.length));
          break;
        case 0x70:
          this.dropped('otel.dropped_links_count', end);
          break;
        case 0x7a:
          this.status(this.innerEnd(end));
          break;
        case 0x85:
          reader.skip(tag, end);
          break;
        default:
          reader.skipUnknown(tag, end, SPAN_FIELDS);
      }
    }
    for (const extra of this.extras) translator.add(extra.key, extra.value, extra.type);
    if (events) builder.events = builder.strings.internString(`[${events.join()}]`);
    if (links) builder.links = builder.strings.internString(`[${links.join()}]`);
    this.counts.add(builder.endSpan());
  }

  private status(end: number): void {
    const { reader, builder } = this;
    try {
      while (reader.pos < end) {
        const tag = reader.tag(end);
        if (tag === 0x12) builder.statusMessage = this.text(end, 'message');
        else if (tag === 0x18) {
          reader.varint(end);
          builder.statusCode = reader.high === 0 && reader.low <= 2 ? reader.low : 0;
        } else reader.skipUnknown(tag, end, STATUS_FIELDS);
      }
    } catch (error) {
      throw located(error, 'status');
    }
  }
}

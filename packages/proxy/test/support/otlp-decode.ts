import protobuf from 'protobufjs';

const SCHEMA = `syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; string version = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; Status status = 15;
}
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; ArrayValue array_value = 5; } }
message ArrayValue { repeated AnyValue values = 1; }
message Response { PartialSuccess partial_success = 1; }
message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
`;
const { root } = protobuf.parse(SCHEMA);
const Request = root.lookupType('Request');

export interface DecodedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly isError: boolean;
  /** A list as its JSON. */
  readonly attributes: Readonly<Record<string, string>>;
}

type Text = { stringValue: string };
type KeyValues = { key: string; value: Text & { arrayValue?: { values: Text[] } } }[];

/** What protobufjs reads in an OTLP request of spans. Throws when it is not well-formed. */
export function decodeSpans(body: Uint8Array): DecodedSpan[] {
  const plain = Request.toObject(Request.decode(body), { longs: String, defaults: true }) as {
    resourceSpans: {
      resource: { attributes: KeyValues };
      scopeSpans: {
        spans: {
          traceId: Uint8Array;
          spanId: Uint8Array;
          parentSpanId: Uint8Array;
          traceState: string;
          name: string;
          kind: number;
          startTimeUnixNano: string;
          endTimeUnixNano: string;
          status: { code: number } | null;
          attributes: KeyValues;
        }[];
      }[];
    }[];
  };
  return plain.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: record(resource.attributes)['service.name'] ?? '',
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        traceState: span.traceState,
        name: span.name,
        kind: span.kind,
        startTimeUnixNano: span.startTimeUnixNano,
        endTimeUnixNano: span.endTimeUnixNano,
        isError: span.status?.code === 2,
        attributes: record(span.attributes),
      })),
    ),
  );
}

/** An answer that refuses some spans. */
export function encodePartialSuccess(rejectedSpans: number, errorMessage: string): Uint8Array {
  const Response = root.lookupType('Response');
  return Response.encode({ partialSuccess: { rejectedSpans, errorMessage } }).finish();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function record(attributes: KeyValues): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value: { arrayValue, stringValue } }) => [
      key,
      arrayValue ? JSON.stringify(arrayValue.values.map((one) => one.stringValue)) : stringValue,
    ]),
  );
}

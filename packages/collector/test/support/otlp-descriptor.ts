// OTLP's trace request as a protobufjs descriptor, for tests and benchmarks: the independent reader and
// writer that the hand-written decoder is held against. Fields as in opentelemetry-proto 1.9.

import protobuf from 'protobufjs';

const f = (type: string, id: number, rule?: 'repeated') => ({
  type,
  id,
  ...(rule ? { rule } : {}),
});

const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: f('string', 1),
        boolValue: f('bool', 2),
        intValue: f('int64', 3),
        doubleValue: f('double', 4),
        arrayValue: f('ArrayValue', 5),
        kvlistValue: f('KeyValueList', 6),
        bytesValue: f('bytes', 7),
      },
    },
    ArrayValue: { fields: { values: f('AnyValue', 1, 'repeated') } },
    KeyValueList: { fields: { values: f('KeyValue', 1, 'repeated') } },
    KeyValue: { fields: { key: f('string', 1), value: f('AnyValue', 2) } },
    Resource: {
      fields: { attributes: f('KeyValue', 1, 'repeated'), droppedAttributesCount: f('uint32', 2) },
    },
    Scope: {
      fields: {
        name: f('string', 1),
        version: f('string', 2),
        attributes: f('KeyValue', 3, 'repeated'),
        droppedAttributesCount: f('uint32', 4),
      },
    },
    Event: {
      fields: {
        timeUnixNano: f('fixed64', 1),
        name: f('string', 2),
        attributes: f('KeyValue', 3, 'repeated'),
        droppedAttributesCount: f('uint32', 4),
      },
    },
    Link: {
      fields: {
        traceId: f('bytes', 1),
        spanId: f('bytes', 2),
        traceState: f('string', 3),
        attributes: f('KeyValue', 4, 'repeated'),
        droppedAttributesCount: f('uint32', 5),
        flags: f('fixed32', 6),
      },
    },
    Status: { fields: { message: f('string', 2), code: f('int32', 3) } },
    Span: {
      fields: {
        traceId: f('bytes', 1),
        spanId: f('bytes', 2),
        traceState: f('string', 3),
        parentSpanId: f('bytes', 4),
        name: f('string', 5),
        kind: f('int32', 6),
        startTimeUnixNano: f('fixed64', 7),
        endTimeUnixNano: f('fixed64', 8),
        attributes: f('KeyValue', 9, 'repeated'),
        droppedAttributesCount: f('uint32', 10),
        events: f('Event', 11, 'repeated'),
        droppedEventsCount: f('uint32', 12),
        links: f('Link', 13, 'repeated'),
        droppedLinksCount: f('uint32', 14),
        status: f('Status', 15),
        flags: f('fixed32', 16),
      },
    },
    ScopeSpans: {
      fields: { scope: f('Scope', 1), spans: f('Span', 2, 'repeated'), schemaUrl: f('string', 3) },
    },
    ResourceSpans: {
      fields: {
        resource: f('Resource', 1),
        scopeSpans: f('ScopeSpans', 2, 'repeated'),
        schemaUrl: f('string', 3),
      },
    },
    Request: { fields: { resourceSpans: f('ResourceSpans', 1, 'repeated') } },
    PartialSuccess: { fields: { rejected: f('int64', 1), errorMessage: f('string', 2) } },
    Response: { fields: { partialSuccess: f('PartialSuccess', 1) } },
    Any: { fields: { typeUrl: f('string', 1), value: f('bytes', 2) } },
    RpcStatus: {
      fields: { code: f('int32', 1), message: f('string', 2), details: f('Any', 3, 'repeated') },
    },
  },
});

export const OtlpRequest = root.lookupType('Request');
export const OtlpResponse = root.lookupType('Response');
export const RpcStatus = root.lookupType('RpcStatus');

/** The bytes of a request given in protobufjs' object form: camelCase, bytes as Uint8Array, 64-bit numbers as decimal text or numbers. */
export function encodeOtlp(request: Record<string, unknown>): Uint8Array {
  return OtlpRequest.encode(withLongs(request) as Record<string, unknown>).finish();
}

/** protobufjs alone makes doubles of 64-bit text, but takes halves. */
function withLongs(value: unknown, key = ''): unknown {
  if (typeof value === 'string' && /UnixNano$|^intValue$/.test(key)) {
    const whole = BigInt(value);
    return {
      low: Number(whole & 0xffff_ffffn) | 0,
      high: Number((whole >> 32n) & 0xffff_ffffn) | 0,
    };
  }
  if (Array.isArray(value)) return value.map((item) => withLongs(item));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withLongs(item, name)]),
  );
}

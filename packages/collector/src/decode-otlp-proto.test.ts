import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOtlp } from '../test/support/otlp-descriptor.ts';
import { readBatch } from '../test/support/read-batch.ts';
import { SpanBatchBuilder } from './builder.ts';
import { MalformedError } from './decode-error.ts';
import { decodeOtlpJson } from './decode-otlp-json.ts';
import { decodeOtlpProto } from './decode-otlp-proto.ts';
import { referenceRows, toOtlpJson, type Request } from '../test/support/otlp-reference.ts';

const name = fc.oneof(
  fc.constantFrom('a', 'http.route', 'service.name', 'url.full', 'x y'),
  fc
    .string({ unit: 'binary', maxLength: 12 })
    .filter((text) => Buffer.from(text).toString() === text),
);
const value: fc.Arbitrary<Record<string, unknown>> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.record({ stringValue: name }),
    fc.record({ stringValue: fc.string({ minLength: 100, maxLength: 400 }) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 9 }) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: name, value: tie('value') }), { maxLength: 3 }),
      }),
    }),
    fc.constant({}),
  ),
})).value as fc.Arbitrary<Record<string, unknown>>;
const attributes = fc.uniqueArray(fc.record({ key: name, value }), {
  maxLength: 6,
  selector: ({ key }) => key,
});
const id = (size: number) =>
  fc
    .uint8Array({ minLength: size, maxLength: size })
    .filter((bytes) => bytes.some((byte) => byte !== 0));
const time = fc.bigInt({ min: 1n, max: 4_000_000_000_000_000_000n });
const span = fc.record({
  traceId: fc.oneof({ weight: 9, arbitrary: id(16) }, fc.constant(new Uint8Array(16))),
  spanId: fc.oneof({ weight: 9, arbitrary: id(8) }, fc.constant(new Uint8Array(0))),
  parentSpanId: fc.oneof(id(8), fc.constant(new Uint8Array(0))),
  traceState: fc.constantFrom('', 'a=b', 'ot=th:8'),
  name,
  kind: fc.integer({ min: 0, max: 6 }),
  startTimeUnixNano: time.map(String),
  endTimeUnixNano: time.map(String),
  attributes,
  droppedAttributesCount: fc.constantFrom(0, 3),
  events: fc.array(fc.record({ timeUnixNano: time.map(String), name, attributes }), {
    maxLength: 2,
  }),
  links: fc.array(
    fc.record({
      traceId: id(16),
      spanId: id(8),
      traceState: fc.constantFrom('', 'k=v'),
      attributes,
    }),
    { maxLength: 2 },
  ),
  status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: name }),
  flags: fc.constantFrom(0, 0x300),
});
const request = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name, version: fc.constantFrom('', '1.2') }),
          spans: fc.array(span, { maxLength: 4 }),
          schemaUrl: fc.constantFrom('', 'https://opentelemetry.io/schemas/1.30.0'),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 3 },
  ),
}) as unknown as fc.Arbitrary<Request>;

function decoded(builder: SpanBatchBuilder) {
  return readBatch(builder.finish());
}

describe('decodeOtlpProto', () => {
  test('gives the spans that a slow reference gives, also twice into one batch', () => {
    fc.assert(
      fc.property(request, (object) => {
        const bytes = encodeOtlp(object as never);
        const builder = new SpanBatchBuilder();
        const expected = referenceRows(object, 'otlp-http');
        const counts = decodeOtlpProto(bytes, builder, 'otlp-http');
        // Twice more: by then attributes and resources are found by their encoding.
        decodeOtlpProto(bytes, builder, 'otlp-http');
        decodeOtlpProto(bytes, builder, 'otlp-http');
        expect(decoded(builder)).toEqual([...expected.rows, ...expected.rows, ...expected.rows]);
        expect(counts.accepted).toBe(expected.rows.length);
        expect(counts.refusedTotal).toBe(expected.refused);
      }),
      { numRuns: 200 },
    );
  });

  test('and the JSON form of a request the same as its protobuf form', () => {
    fc.assert(
      fc.property(request, (object) => {
        const builder = new SpanBatchBuilder();
        const json = Buffer.from(JSON.stringify(toOtlpJson(object)));
        const counts = decodeOtlpJson(json, builder, 'otlp-http');
        const expected = referenceRows(object, 'otlp-http');
        expect(decoded(builder)).toEqual(expected.rows);
        expect(counts.refusedTotal).toBe(expected.refused);
      }),
      { numRuns: 100 },
    );
  });

  test('of broken bytes nothing stays, and the fault is a MalformedError', () => {
    const builder = new SpanBatchBuilder();
    fc.assert(
      fc.property(
        request,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.boolean(),
        (object, changes, cut, truncate) => {
          const before = encodeOtlp(object as never);
          const bytes = Uint8Array.from(
            truncate ? before.subarray(0, cut % (before.length + 1)) : before,
          );
          if (!truncate && bytes.length > 0)
            for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          builder.reset();
          decodeOtlpProto(before, builder, 'first');
          const kept = decoded(builder);
          const mark = builder.mark();
          try {
            decodeOtlpProto(bytes, builder, 'second');
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedError);
          }
          builder.rollback(mark);
          decodeOtlpProto(before, builder, 'first');
          expect(decoded(builder)).toEqual([...kept, ...kept]);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('random bytes are refused or skipped, never a crash', () => {
    const builder = new SpanBatchBuilder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        builder.reset();
        try {
          decodeOtlpProto(bytes, builder, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const one = (fields: Record<string, unknown>) =>
    encodeOtlp({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: new Uint8Array(16).fill(1),
                  spanId: new Uint8Array(8).fill(1),
                  startTimeUnixNano: '1000',
                  ...fields,
                },
              ],
            },
          ],
        },
      ],
    });
  const nested = (depth: number): object =>
    depth === 0 ? { intValue: 1 } : { arrayValue: { values: [nested(depth - 1)] } };

  test.each([
    [
      'a trace id of 3 bytes',
      one({ traceId: new Uint8Array(3) }),
      'spans[0].trace_id: an id of 3 bytes where 16 are due',
    ],
    [
      'a parent id of 9 bytes',
      one({ parentSpanId: new Uint8Array(9) }),
      'spans[0].parent_span_id: an id of 9 bytes where 8 are due',
    ],
    [
      'values nested too deep',
      one({ attributes: [{ key: 'k', value: nested(40) }] }),
      'attributes[0].value: values are nested deeper than 32',
    ],
    [
      'a length beyond the end',
      Buffer.from([0x0a, 0x7f, 1]),
      'truncated: 127 bytes announced, 1 are there',
    ],
    [
      'a known field in another wire type',
      Buffer.from([0x08, 1]),
      'resource_spans: wire type varint does not fit this field',
    ],
    ['field number 0', Buffer.from([0x02, 0]), 'a field has the number 0'],
    ['a number without an end', Buffer.alloc(11, 0xff), 'a number is longer than 10 bytes'],
    ['an unbalanced group', Buffer.from([0x7b]), 'a group has no end'],
  ])('%s is refused by name', (_title, bytes, message) => {
    expect(() => decodeOtlpProto(bytes, new SpanBatchBuilder(), 'x')).toThrow(message);
  });

  test('text that is no UTF-8 is refused by name', () => {
    const bytes = Buffer.from(
      one({ name: 'NAME', attributes: [{ key: 'k', value: { stringValue: 'VALUE' } }] }),
    );
    const broken = (what: string) => {
      const copy = Buffer.from(bytes);
      copy[copy.indexOf(what)] = 0xff;
      return copy;
    };
    const decode = (copy: Buffer) => decodeOtlpProto(copy, new SpanBatchBuilder(), 'x');
    expect(() => decode(broken('NAME'))).toThrow('spans[0].name: the text is not UTF-8');
    expect(() => decode(broken('VALUE'))).toThrow(
      'attributes[0].value.string_value: the text is not UTF-8',
    );
  });

  test('unknown fields of every wire type are passed over', () => {
    const unknown = Buffer.from([
      0xf8, 0x07, 1, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 1, 9, 0xfd, 0x07, 1, 2, 3, 4,
      0xfb, 0x07, 0x08, 1, 0xfc, 0x07,
    ]);
    const builder = new SpanBatchBuilder();
    decodeOtlpProto(Buffer.concat([unknown, one({}), unknown]), builder, 'x');
    expect(builder.count).toBe(1);
  });

  test('a resource after its spans, and one in two parts, are read as protobuf wants', () => {
    const resource = (key: string) =>
      encodeOtlp({
        resourceSpans: [{ resource: { attributes: [{ key, value: { stringValue: 'r' } }] } }],
      }).subarray(2);
    const spans = one({}).subarray(2);
    const body = Buffer.concat([resource('a'), spans, resource('service.name')]);
    const builder = new SpanBatchBuilder();
    decodeOtlpProto(Buffer.concat([Buffer.from([0x0a, body.length]), body]), builder, 'x');
    expect(decoded(builder)[0]).toMatchObject({
      service: 'r',
      resource: { a: 'r', 'service.name': 'r' },
    });
  });
});

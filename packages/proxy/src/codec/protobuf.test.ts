import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { messageField, numberField, readMessage, textField } from './protobuf.ts';

const { root } = protobuf.parse(
  `syntax = "proto3";
  message Inner { string a = 1; int64 b = 9; }
  message Outer { Inner inner = 4; repeated string names = 15; fixed64 c = 2; bytes d = 3000; }`,
);
const OUTER = root.lookupType('Outer');

const text = fc.string({ unit: 'binary' });
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('protobuf', () => {
  it('is written as protobufjs reads it', () => {
    fc.assert(
      fc.property(text, number, fc.array(text), (a, b, names) => {
        const written = Buffer.concat([
          messageField(4, textField(1, a), numberField(9, b)),
          ...names.map((name) => messageField(15, Buffer.from(name))),
        ]);
        const read = OUTER.toObject(OUTER.decode(written), { longs: Number, defaults: true });
        expect(read).toMatchObject({ inner: { a, b }, names });
      }),
    );
  });

  it('is read as protobufjs writes it, fields that nobody asks for too', () => {
    fc.assert(
      fc.property(text, number, fc.array(text), fc.uint8Array(), (a, b, names, d) => {
        const written = OUTER.encode({ inner: { a, b }, names, c: 7, d }).finish();
        const outer = readMessage(Buffer.from(written));
        const inner = readMessage(outer.bytes(4)!);
        expect(inner.bytes(1)?.toString() ?? '').toBe(a);
        expect(inner.number(9)).toBe(b);
        expect(outer.all(15).map(String)).toEqual(names);
        expect(Buffer.from(outer.bytes(3000) ?? [])).toEqual(Buffer.from(d));
      }),
    );
  });

  it('ends for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readMessage(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).message).toMatch(/^(the message ends|a number is|field \d+ is)/);
        }
      }),
    );
  });
});

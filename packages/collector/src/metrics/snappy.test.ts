import fc from 'fast-check';
import snappyjs from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { snappyDecode, SnappyError } from './snappy.ts';

describe('snappyDecode', () => {
  it('gives back what another implementation packed', () => {
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 1, max: 50 })), {
        maxLength: 10,
      })
      .map((parts) =>
        Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 5000 }), repetitive), (plain) => {
        const packed = snappyjs.compress(new Uint8Array(plain));
        expect(Buffer.from(snappyDecode(packed, 1e6)).equals(Buffer.from(plain))).toBe(true);
      }),
    );
  });

  it('throws its own error on any damage, and never gives more or less than was announced', () => {
    const packed = snappyjs.compress(new Uint8Array(Buffer.from('abcabcabcabc'.repeat(50))));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.tuple(fc.nat(packed.length - 1), fc.nat(255)).map(([at, byte]) => {
            const copy = packed.slice();
            copy[at] = byte;
            return copy;
          }),
        ),
        (bytes) => {
          let failure: unknown;
          try {
            snappyDecode(bytes, 10_000);
          } catch (error) {
            failure = error;
          }
          expect(failure === undefined || failure instanceof SnappyError).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('refuses a block that would be too large, before it takes memory for it', () => {
    expect(() => snappyDecode(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0), 1e6)).toThrow(
      'more than',
    );
    expect(() => snappyDecode(Uint8Array.of(0xe8, 0x07, 0, 1), 1e6)).toThrow(
      'shorter than it says',
    );
  });
});

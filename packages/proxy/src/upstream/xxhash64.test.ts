import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashHex, hashHigh, hashLow, modulo64, xxHash64 } from './xxhash64.ts';

function hex(text: string, seed?: number): string {
  xxHash64(text, seed);
  return hashHex();
}

describe('xxHash64', () => {
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['xxhash', '32dd38952c4bc720'],
    ['Call me Ishmael. Some years ago--never mind how long precisely-', '02a2e85470d6fd96'],
  ])('hashes %j as the reference does', (text, expected) => {
    expect(hex(text)).toBe(expected);
  });

  it('takes a seed', () => {
    expect(hex('xxhash', 20141025)).toBe('b559b98d844e0635');
  });

  it('agrees with the specification in BigInt for every length and seed', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0, max: 255 }).map((one) => String.fromCharCode(one)),
          maxLength: 120,
        }),
        fc.nat({ max: 0xffffffff }),
        fc.integer({ min: 2, max: 5_000_011 }),
        (text, seed, divisor) => {
          const expected = reference(text, BigInt(seed));
          xxHash64(text, seed);
          expect((BigInt(hashHigh >>> 0) << 32n) | BigInt(hashLow >>> 0)).toBe(expected);
          expect(modulo64(hashHigh, hashLow, divisor)).toBe(Number(expected % BigInt(divisor)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

const P = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const cut = (value: bigint) => BigInt.asUintN(64, value);
const rotl = (value: bigint, bits: bigint) => cut((value << bits) | (value >> (64n - bits)));
const round = (from: bigint, lane: bigint) => cut(rotl(cut(from + lane * P[1]), 31n) * P[0]);

function reference(text: string, seed: bigint): bigint {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  let hash = cut(seed + P[4]);
  if (bytes.length >= 32) {
    const lanes = [seed + P[0] + P[1], seed + P[1], seed, seed - P[0]].map(cut);
    for (; at + 32 <= bytes.length; at += 32)
      for (const [index, lane] of lanes.entries())
        lanes[index] = round(lane, bytes.readBigUInt64LE(at + index * 8));
    hash = cut(
      [1n, 7n, 12n, 18n].reduce((sum, bits, index) => sum + rotl(lanes[index]!, bits), 0n),
    );
    for (const lane of lanes) hash = cut((hash ^ round(0n, lane)) * P[0] + P[3]);
  }
  hash = cut(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8)
    hash = cut(rotl(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P[0] + P[3]);
  if (at + 4 <= bytes.length) {
    hash = cut(rotl(hash ^ cut(BigInt(bytes.readUInt32LE(at)) * P[0]), 23n) * P[1] + P[2]);
    at += 4;
  }
  for (; at < bytes.length; at++)
    hash = cut(rotl(hash ^ cut(BigInt(bytes[at]!) * P[4]), 11n) * P[0]);
  hash = cut((hash ^ (hash >> 33n)) * P[1]);
  hash = cut((hash ^ (hash >> 29n)) * P[2]);
  return hash ^ (hash >> 32n);
}

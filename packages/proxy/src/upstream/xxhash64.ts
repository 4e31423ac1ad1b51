// xxHash64 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), the hash that Envoy balances by: the same
// key goes to the same endpoint here and there. 64-bit numbers are pairs of 32-bit halves, as BigInt
// allocates; a result is left in two module variables, as a pair would be an object a request.

/** Halves of the last hash, with sign. */
export let hashHigh = 0;
export let hashLow = 0;

// The primes; whole numbers of 32 bits with sign, which V8 keeps without allocating.
const P1H = 0x9e3779b1 | 0;
const P1L = 0x85ebca87 | 0;
const P2H = 0xc2b2ae3d | 0;
const P2L = 0x27d4eb4f | 0;
const P3H = 0x165667b1 | 0;
const P3L = 0x9e3779f9 | 0;
const P4H = 0x85ebca77 | 0;
const P4L = 0xc2b2ae63 | 0;
const P5H = 0x27d4eb2f | 0;
const P5L = 0x165667c5 | 0;

const { imul } = Math;

// The number in work.
let high = 0;
let low = 0;

/** Hashes a text of one-byte characters (as HTTP headers are) and leaves the result in `hashHigh` and `hashLow`. */
export function xxHash64(text: string, seed = 0): void {
  const { length } = text;
  let at = 0;
  if (length >= 32) at = hashStripes(text, seed);
  else {
    high = P5H;
    low = P5L;
    add(0, seed);
  }
  add(0, length);
  // The number in work, in local variables from here on: short texts are what is hashed most.
  let h = high;
  let l = low;
  let t = 0;
  for (; at + 8 <= length; at += 8) {
    let laneL = word(text, at);
    let laneH = upper(laneL, P2L) + imul(word(text, at + 4), P2L) + imul(laneL, P2H);
    laneL = imul(laneL, P2L);
    t = (laneH << 31) | (laneL >>> 1);
    laneL = (laneL << 31) | (laneH >>> 1);
    laneH = upper(laneL, P1L) + imul(t, P1L) + imul(laneL, P1H);
    laneL = imul(laneL, P1L);
    h ^= laneH;
    l ^= laneL;
    t = (h << 27) | (l >>> 5);
    l = (l << 27) | (h >>> 5);
    h = upper(l, P1L) + imul(t, P1L) + imul(l, P1H);
    l = imul(l, P1L);
    t = (l + P4L) | 0;
    h = (h + P4H + carry(t, l)) | 0;
    l = t;
  }
  if (at + 4 <= length) {
    const lane = word(text, at);
    h ^= upper(lane, P1L) + imul(lane, P1H);
    l ^= imul(lane, P1L);
    t = (h << 23) | (l >>> 9);
    l = (l << 23) | (h >>> 9);
    h = upper(l, P2L) + imul(t, P2L) + imul(l, P2H);
    l = imul(l, P2L);
    t = (l + P3L) | 0;
    h = (h + P3H + carry(t, l)) | 0;
    l = t;
    at += 4;
  }
  for (; at < length; at++) {
    const byte = text.charCodeAt(at) & 0xff;
    h ^= upper(byte, P5L) + imul(byte, P5H);
    l ^= imul(byte, P5L);
    t = (h << 11) | (l >>> 21);
    l = (l << 11) | (h >>> 21);
    h = upper(l, P1L) + imul(t, P1L) + imul(l, P1H);
    l = imul(l, P1L);
  }
  l ^= h >>> 1;
  h = upper(l, P2L) + imul(h, P2L) + imul(l, P2H);
  l = imul(l, P2L);
  l ^= (l >>> 29) | (h << 3);
  h ^= h >>> 29;
  h = upper(l, P3L) + imul(h, P3L) + imul(l, P3H);
  l = imul(l, P3L);
  hashHigh = h | 0;
  hashLow = l ^ h;
}

/** A number of 64 bits, without sign, modulo one below 2^26. */
export function modulo64(highHalf: number, lowHalf: number, divisor: number): number {
  const upper = remainder(highHalf >>> 0, divisor) * remainder(2 ** 32, divisor);
  return remainder(upper + (lowHalf >>> 0), divisor);
}

/** Exact below 2^53, and many times faster than % there. */
function remainder(number: number, divisor: number): number {
  const rest = number - Math.floor(number / divisor) * divisor;
  if (rest < 0) return rest + divisor;
  return rest >= divisor ? rest - divisor : rest;
}

/** The last hash as 16 hexadecimal digits. */
export function hashHex(): string {
  return hex(hashHigh) + hex(hashLow);
}

const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0');

/** All whole stripes of 32 bytes; returns where they end. */
function hashStripes(text: string, seed: number): number {
  const lanes = startLanes(seed);
  let at = 0;
  for (; at + 32 <= text.length; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      const place = at + lane * 8;
      round(lanes[lane * 2]!, lanes[lane * 2 + 1]!, word(text, place + 4), word(text, place));
      lanes[lane * 2] = high;
      lanes[lane * 2 + 1] = low;
    }
  }
  let sumHigh = 0;
  let sumLow = 0;
  for (let lane = 0; lane < 4; lane++) {
    high = lanes[lane * 2]!;
    low = lanes[lane * 2 + 1]!;
    rotate([1, 7, 12, 18][lane]!);
    add(sumHigh, sumLow);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 4; lane++) {
    const keptHigh = high;
    const keptLow = low;
    round(0, 0, lanes[lane * 2]!, lanes[lane * 2 + 1]!);
    high ^= keptHigh;
    low ^= keptLow;
    multiply(P1H, P1L);
    add(P4H, P4L);
  }
  return at;
}

function startLanes(seed: number): Int32Array {
  const lanes = new Int32Array(8);
  const starts = [P1H, P1L, P2H, P2L, 0, 0, ~P1H, ~P1L];
  for (let lane = 0; lane < 4; lane++) {
    high = starts[lane * 2]!;
    low = starts[lane * 2 + 1]!;
    if (lane === 0) add(P2H, P2L);
    if (lane === 3) add(0, 1); // -P1
    add(0, seed);
    lanes[lane * 2] = high;
    lanes[lane * 2 + 1] = low;
  }
  return lanes;
}

function word(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0xff) |
    ((text.charCodeAt(at + 1) & 0xff) << 8) |
    ((text.charCodeAt(at + 2) & 0xff) << 16) |
    ((text.charCodeAt(at + 3) & 0xff) << 24)
  );
}

/** number = rotl(accumulator + input * P2, 31) * P1 */
function round(fromHigh: number, fromLow: number, inputHigh: number, inputLow: number): void {
  high = inputHigh;
  low = inputLow;
  multiply(P2H, P2L);
  add(fromHigh, fromLow);
  rotate(31);
  multiply(P1H, P1L);
}

// Every step stays a whole number of 32 bits: `| 0` keeps V8 from going over to floating point.

/** Upper half of the product of two halves. */
function upper(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (imul(a1, b0) + (imul(a0, b0) >>> 16)) | 0;
  const rest = (imul(a0, b1) + (middle & 0xffff)) | 0;
  return (imul(a1, b1) + (middle >>> 16) + (rest >>> 16)) | 0;
}

/** 1 when a sum went over. */
function carry(total: number, part: number): number {
  return total >>> 0 < part >>> 0 ? 1 : 0;
}

function add(byHigh: number, byLow: number): void {
  const total = (low + byLow) | 0;
  high = (high + byHigh + carry(total, low)) | 0;
  low = total;
}

/** To the left by 1 to 31 bits. */
function rotate(bits: number): void {
  const upper = (high << bits) | (low >>> (32 - bits));
  low = (low << bits) | (high >>> (32 - bits));
  high = upper;
}

function multiply(byHigh: number, byLow: number): void {
  high = (upper(low, byLow) + imul(high, byLow) + imul(low, byHigh)) | 0;
  low = imul(low, byLow);
}

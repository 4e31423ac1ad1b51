// Bytes appended to one buffer that grows: protobuf's wire format as far as spans need it.
// https://protobuf.dev/programming-guides/encoding/

export class ByteWriter {
  buffer: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for so many bytes more. Every `put` of less than 16 bytes may count on 16 being there. */
  reserve(bytes: number): void {
    const needed = this.length + bytes + 16;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** A whole number from 0 to 2^32 - 1. */
  varint(value: number): void {
    this.reserve(5);
    const { buffer } = this;
    let rest = value;
    while (rest > 127) {
      buffer[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[this.length++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The bytes that so many hexadecimal digits spell. */
  hex(digits: string): void {
    const count = digits.length >> 1;
    this.reserve(count);
    const { buffer } = this;
    for (let n = 0; n < count; n++)
      buffer[this.length++] =
        (DIGIT[digits.charCodeAt(2 * n)]! << 4) | DIGIT[digits.charCodeAt(2 * n + 1)]!;
  }

  /** Milliseconds since 1970, with fractions, as nanoseconds: fixed64, low word first. */
  unixNano(unixMs: number): void {
    this.reserve(8);
    // In halves that a double holds exactly: the whole is beyond 2^53.
    const wholeMs = Math.floor(unixMs);
    const upper = Math.floor(wholeMs / 65_536) * 1e6;
    const lower = (wholeMs % 65_536) * 1e6 + Math.round((unixMs - wholeMs) * 1e6);
    const rest = (upper % 65_536) * 65_536 + lower;
    const high = Math.floor(upper / 65_536) + Math.floor(rest / 4_294_967_296);
    this.uint32(rest >>> 0);
    this.uint32(high >>> 0);
  }

  /** Text of ASCII characters, or false and nothing written. */
  ascii(text: string): boolean {
    const { length } = text;
    this.reserve(length);
    const { buffer, length: start } = this;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return false;
      buffer[start + at] = code;
    }
    this.length = start + length;
    return true;
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written, valid until the next change. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private uint32(value: number): void {
    const { buffer } = this;
    buffer[this.length++] = value & 255;
    buffer[this.length++] = (value >>> 8) & 255;
    buffer[this.length++] = (value >>> 16) & 255;
    buffer[this.length++] = value >>> 24;
  }
}

/** How many bytes a varint takes. */
export function varintSize(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  if (value < 2_097_152) return 3;
  return value < 268_435_456 ? 4 : 5;
}

/**
 * Header text as UTF-8: every character below 256 stands for a byte of it, as Node reads headers; what
 * is no UTF-8 becomes U+FFFD, because protobuf's strings must be valid. (Authorizers get Envoy's `!` for it.)
 */
export function headerBytes(text: string): Buffer {
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) > 255) return Buffer.from(text, 'utf8');
  return Buffer.from(Buffer.from(text, 'latin1').toString('utf8'), 'utf8');
}

const DIGIT = new Uint8Array(256);
for (let value = 0; value < 16; value++) {
  DIGIT[value.toString(16).charCodeAt(0)] = value;
  DIGIT[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

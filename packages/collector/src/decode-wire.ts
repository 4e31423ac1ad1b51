// Protobuf's wire format, read in place.
// https://protobuf.dev/programming-guides/encoding/

import { MalformedError } from './decode-error.ts';

export const WIRE = {
  varint: 0,
  fixed64: 1,
  len: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;
const WIRE_NAMES = ['varint', 'fixed64', 'len', 'group', 'end of group', 'fixed32'];
const MAX_GROUP_DEPTH = 32;

export class WireReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  pos = 0;
  /** Halves of the last 64-bit number read, unsigned. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Field number * 8 + wire type. */
  tag(end: number): number {
    const { bytes } = this;
    const first = bytes[this.pos]!;
    if (first < 0x80) {
      this.pos++;
      if (first < 8) throw new MalformedError('a field has the number 0');
      return first;
    }
    const tag = this.uint32(end);
    if (tag < 8) throw new MalformedError('a field has the number 0');
    return tag;
  }

  /** A varint below 2^32; more is malformed. */
  uint32(end: number): number {
    this.varint(end);
    if (this.high !== 0) throw new MalformedError('a number is too big');
    return this.low;
  }

  /** Reads a varint into `low` and `high`. */
  varint(end: number): void {
    const { bytes } = this;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) throw new MalformedError('it ends in the middle of a number');
      const byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.pos = pos;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new MalformedError('a number is longer than 10 bytes');
  }

  /** The length of a field that starts here; it fits before `end`. */
  length(end: number): number {
    const first = this.bytes[this.pos]!;
    let length: number;
    if (this.pos < end && first < 0x80) {
      this.pos++;
      length = first;
    } else length = this.uint32(end);
    if (length > end - this.pos)
      throw new MalformedError(`truncated: ${length} bytes announced, ${end - this.pos} are there`);
    return length;
  }

  fixed64(end: number): void {
    if (end - this.pos < 8) throw new MalformedError('it ends in the middle of a number');
    this.low = this.view.getUint32(this.pos, true);
    this.high = this.view.getUint32(this.pos + 4, true);
    this.pos += 8;
  }

  double(end: number): number {
    if (end - this.pos < 8) throw new MalformedError('it ends in the middle of a number');
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  /** The number just read as a signed 64-bit integer in decimal. */
  int64Text(): string {
    if (this.high === 0) return String(this.low);
    return String((BigInt(this.high | 0) << 32n) | BigInt(this.low));
  }

  /** Passes over a field that is not known. */
  skip(tag: number, end: number, depth = 0): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint(end);
        return;
      case WIRE.fixed64:
        this.advance(8, end);
        return;
      case WIRE.len: {
        const length = this.length(end);
        this.pos += length;
        return;
      }
      case WIRE.fixed32:
        this.advance(4, end);
        return;
      case WIRE.startGroup:
        if (depth >= MAX_GROUP_DEPTH) throw new MalformedError('groups are nested too deep');
        for (;;) {
          if (this.pos >= end) throw new MalformedError('a group has no end');
          const inner = this.tag(end);
          if ((inner & 7) === WIRE.endGroup) {
            if (inner >>> 3 !== tag >>> 3) throw new MalformedError('a group ends as another');
            return;
          }
          this.skip(inner, end, depth + 1);
        }
      default:
        throw new MalformedError(`there is no wire type ${tag & 7} here`);
    }
  }

  /**
   * Passes over a field. One that `known` names has come in the wrong wire type, which is malformed,
   * unless its tag is `ignored`: a known field that nobody needs.
   */
  skipUnknown(
    tag: number,
    end: number,
    known: Readonly<Record<number, string>>,
    ignored = -1,
  ): void {
    const name = known[tag >>> 3];
    if (name !== undefined && tag !== ignored) {
      const wire = WIRE_NAMES[tag & 7] ?? String(tag & 7);
      throw new MalformedError(`wire type ${wire} does not fit this field`).within(name);
    }
    this.skip(tag, end);
  }

  private advance(count: number, end: number): void {
    if (end - this.pos < count) throw new MalformedError('it ends in the middle of a number');
    this.pos += count;
  }
}

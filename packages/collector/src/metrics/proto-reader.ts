// A reader of protobuf's wire format, for metrics: small, bounds-checked, errors instead of garbage.
// https://protobuf.dev/programming-guides/encoding/

import { MalformedError } from '../decode-error.ts';

export class ProtoReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly stop: number;
  private readonly view: DataView;
  /** Of the field at hand. */
  field = 0;
  wireType = 0;

  constructor(bytes: Uint8Array, at = 0, stop: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.stop = stop;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.stop) return false;
    const tag = this.uint32();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0) throw new MalformedError('a field has the number 0');
    return true;
  }

  /** An unsigned varint of at most 32 bits; higher bits are dropped, as protobuf has it. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedError('a varint is longer than 10 bytes');
  }

  uint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedError('a varint is longer than 10 bytes');
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  fixed64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  sfixed64(): bigint {
    return this.view.getBigInt64(this.take(8), true);
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** The length-delimited bytes, not copied. */
  blob(): Uint8Array {
    const length = this.uint32();
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** A reader of the embedded message. */
  message(): ProtoReader {
    const length = this.uint32();
    const at = this.take(length);
    return new ProtoReader(this.bytes, at, at + length);
  }

  string(): string {
    const length = this.uint32();
    const at = this.take(length);
    try {
      return UTF8.decode(this.bytes.subarray(at, at + length));
    } catch {
      throw new MalformedError('a string is not valid UTF-8');
    }
  }

  /** Reads a packed or single fixed64 or double field into `into`. */
  repeated<T>(into: T[], wireType: number, read: (reader: ProtoReader) => T): void {
    if (this.wireType === wireType) {
      into.push(read(this));
      return;
    }
    this.expect(2);
    const packed = this.message();
    while (packed.at < packed.stop) into.push(read(packed));
  }

  /** Throws unless the field at hand has this wire type. */
  expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw new MalformedError(
        `field ${this.field} has wire type ${this.wireType}, not ${wireType}`,
      );
    }
  }

  skip(): void {
    switch (this.wireType) {
      case 0:
        this.uint64();
        break;
      case 1:
        this.take(8);
        break;
      case 2:
        this.take(this.uint32());
        break;
      case 5:
        this.take(4);
        break;
      default:
        throw new MalformedError(`wire type ${this.wireType} is not supported`);
    }
  }

  private byte(): number {
    if (this.at >= this.stop) throw new MalformedError('the message ends in the middle of a field');
    return this.bytes[this.at++]!;
  }

  private take(length: number): number {
    const from = this.at;
    if (length > this.stop - from) {
      throw new MalformedError('the message ends in the middle of a field');
    }
    this.at += length;
    return from;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Protobuf's wire format for messages of a few fields, made and read whole. Spans, of which there are many, are
// appended to one buffer: telemetry/spans/byte-writer.ts.
// https://protobuf.dev/programming-guides/encoding/

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A field of bytes, a text or a message. */
export function bytesField(number: number, value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | BYTES), varint(bytes.length), bytes]);
}

/** A text that is left out when it is empty, as protobuf does. */
export const textField = (number: number, value: Uint8Array | string): Buffer =>
  value.length === 0 ? NOTHING : bytesField(number, value);

export const messageField = (number: number, ...fields: readonly Buffer[]): Buffer =>
  bytesField(number, Buffer.concat(fields));

export const numberField = (number: number, value: number): Buffer =>
  value === 0 ? NOTHING : Buffer.concat([varint((number << 3) | VARINT), varint(value)]);

const NOTHING = Buffer.alloc(0);

/** A whole number from 0 to 2^53. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

export interface Message {
  /** The last number under this field; 0 without one. */
  number(field: number): number;
  /** The last bytes; undefined without any. */
  bytes(field: number): Buffer | undefined;
  all(field: number): readonly Buffer[];
}

/** Throws for what is no message. Fields of other kinds are passed over. */
export function readMessage(message: Uint8Array): Message {
  const buffer = Buffer.from(message.buffer, message.byteOffset, message.length);
  const numbers = new Map<number, number>();
  const bytes = new Map<number, Buffer[]>();
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = buffer[at++];
      if (byte === undefined) throw new Error('the message ends in a number');
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('a number is too long');
  };
  const skip = (length: number): number => {
    const start = at;
    at += length;
    if (at > buffer.length) throw new Error('the message ends in a field');
    return start;
  };
  while (at < buffer.length) {
    const key = next();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case VARINT:
        numbers.set(field, next());
        break;
      case BYTES: {
        const length = next();
        const start = skip(length);
        const list = bytes.get(field) ?? [];
        list.push(buffer.subarray(start, at));
        bytes.set(field, list);
        break;
      }
      case FIXED64:
        skip(8);
        break;
      case FIXED32:
        skip(4);
        break;
      default:
        throw new Error(`field ${field} is of no known kind`);
    }
  }
  return {
    number: (field) => numbers.get(field) ?? 0,
    bytes: (field) => bytes.get(field)?.at(-1),
    all: (field) => bytes.get(field) ?? [],
  };
}

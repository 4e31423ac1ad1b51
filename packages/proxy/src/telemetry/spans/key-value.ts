// OTLP's KeyValue with a string as its value, the only kind that Envoy writes.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto

import { headerBytes, varintSize, type ByteWriter } from './byte-writer.ts';

/** A key made ready: its bytes as KeyValue.key with the tag of KeyValue.value behind them. */
export interface Key {
  readonly bytes: Buffer;
}

export function key(name: string): Key {
  const text = Buffer.from(name, 'utf8');
  return { bytes: Buffer.concat([Buffer.from([0x0a, text.length]), text, Buffer.from([0x12])]) };
}

/** `tag` is that of the repeated field that holds the KeyValue. */
export function writeKeyValue(to: ByteWriter, tag: number, name: Key, value: string): void {
  const start = to.length;
  writeHead(to, tag, name, value.length);
  if (to.ascii(value)) return;
  to.length = start;
  const bytes = headerBytes(value);
  writeHead(to, tag, name, bytes.length);
  to.bytes(bytes);
}

/** The same with a list of texts. */
export function writeKeyList(to: ByteWriter, tag: number, name: Key, values: readonly string[]) {
  const texts = values.map(headerBytes);
  // AnyValue.array_value of ArrayValue.values, each an AnyValue.string_value.
  const items = texts.map((one) => 1 + varintSize(one.length) + one.length);
  const listBytes = items.reduce((sum, bytes) => sum + 1 + varintSize(bytes) + bytes, 0);
  const anyBytes = 1 + varintSize(listBytes) + listBytes;
  to.byte(tag);
  to.varint(name.bytes.length + varintSize(anyBytes) + anyBytes);
  to.bytes(name.bytes);
  to.varint(anyBytes);
  to.byte(0x2a);
  to.varint(listBytes);
  for (const [index, text] of texts.entries()) {
    to.byte(0x0a);
    to.varint(items[index]!);
    to.byte(0x0a);
    to.varint(text.length);
    to.bytes(text);
  }
}

function writeHead(to: ByteWriter, tag: number, name: Key, valueBytes: number): void {
  const anyBytes = 1 + varintSize(valueBytes) + valueBytes;
  to.byte(tag);
  to.varint(name.bytes.length + varintSize(anyBytes) + anyBytes);
  to.bytes(name.bytes);
  to.varint(anyBytes);
  to.byte(0x0a);
  to.varint(valueBytes);
}

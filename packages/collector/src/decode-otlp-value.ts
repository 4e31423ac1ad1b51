// KeyValue and AnyValue of OTLP's protobuf encoding.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto

import { TYPE } from './builder-attributes.ts';
import { TEXT, type StringTable } from './builder-strings.ts';
import { MalformedError } from './decode-error.ts';
import type { WireReader } from './decode-wire.ts';

const MAX_DEPTH = 32;
const KEY_VALUE_FIELDS = { 1: 'key', 2: 'value' };
const VALUE_FIELDS = {
  1: 'string_value',
  2: 'bool_value',
  3: 'int_value',
  4: 'double_value',
  5: 'array_value',
  6: 'kvlist_value',
  7: 'bytes_value',
};
const LIST_FIELDS = { 1: 'values' };

export class AnyValueReader {
  /** What keyValue() read: ids of strings, index into ATTRIBUTE_TYPES. */
  key: number = TEXT.empty;
  value: number = TEXT.empty;
  type: number = TYPE.string;
  private readonly reader: WireReader;
  private readonly strings: StringTable;

  constructor(reader: WireReader, strings: StringTable) {
    this.reader = reader;
    this.strings = strings;
  }

  /** Reads a KeyValue that ends at `end` into key, value and type. */
  keyValue(end: number): void {
    const { reader } = this;
    this.key = TEXT.empty;
    this.value = TEXT.empty;
    this.type = TYPE.string;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) this.key = this.text(end, 'key');
      else if (tag === 0x12) {
        const stop = reader.length(end) + reader.pos;
        try {
          this.anyValue(stop);
        } catch (error) {
          throw error instanceof MalformedError ? error.within('value') : error;
        }
      } else reader.skipUnknown(tag, end, KEY_VALUE_FIELDS);
    }
  }

  /** Reads a KeyValue that ends at `end` into `fields` as JSON text. */
  keyValueJson(end: number, fields: Map<string, string>, depth = 0): void {
    const { reader } = this;
    let key = '';
    let json = 'null';
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) key = this.strings.text(this.text(end, 'key'));
      else if (tag === 0x12) json = this.json(reader.length(end) + reader.pos, depth + 1);
      else reader.skipUnknown(tag, end, KEY_VALUE_FIELDS);
    }
    fields.set(key, json);
  }

  private anyValue(end: number): void {
    const { reader, strings } = this;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 0x0a:
          this.set(this.text(end, 'string_value'), TYPE.string);
          break;
        case 0x10:
          reader.varint(end);
          this.set(reader.low === 0 && reader.high === 0 ? TEXT.false : TEXT.true, TYPE.bool);
          break;
        case 0x18:
          reader.varint(end);
          this.set(strings.internString(reader.int64Text()), TYPE.int);
          break;
        case 0x21:
          this.set(strings.internString(String(reader.double(end))), TYPE.double);
          break;
        case 0x2a:
          this.set(strings.internString(this.arrayJson(this.inner(end), 1)), TYPE.json);
          break;
        case 0x32:
          this.set(strings.internString(this.mapJson(this.inner(end), 1)), TYPE.json);
          break;
        case 0x3a:
          this.set(strings.internString(this.base64(end)), TYPE.bytes);
          break;
        default:
          reader.skipUnknown(tag, end, VALUE_FIELDS);
      }
    }
  }

  private set(value: number, type: number): void {
    this.value = value;
    this.type = type;
  }

  private json(end: number, depth: number): string {
    if (depth > MAX_DEPTH) throw new MalformedError(`values are nested deeper than ${MAX_DEPTH}`);
    const { reader } = this;
    let json = 'null';
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 0x0a:
          json = JSON.stringify(this.nestedText(end));
          break;
        case 0x10:
          reader.varint(end);
          json = reader.low === 0 && reader.high === 0 ? 'false' : 'true';
          break;
        case 0x18:
          reader.varint(end);
          json = reader.int64Text();
          break;
        case 0x21: {
          const value = reader.double(end);
          json = Number.isFinite(value) ? String(value) : `"${value}"`;
          break;
        }
        case 0x2a:
          json = this.arrayJson(this.inner(end), depth + 1);
          break;
        case 0x32:
          json = this.mapJson(this.inner(end), depth + 1);
          break;
        case 0x3a:
          json = `"${this.base64(end)}"`;
          break;
        default:
          reader.skipUnknown(tag, end, VALUE_FIELDS);
      }
    }
    return json;
  }

  private arrayJson(end: number, depth: number): string {
    const { reader } = this;
    const items: string[] = [];
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) items.push(this.json(this.inner(end), depth));
      else reader.skipUnknown(tag, end, LIST_FIELDS);
    }
    return `[${items.join()}]`;
  }

  private mapJson(end: number, depth: number): string {
    const { reader } = this;
    const fields = new Map<string, string>();
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 0x0a) this.keyValueJson(this.inner(end), fields, depth);
      else reader.skipUnknown(tag, end, LIST_FIELDS);
    }
    return objectJson(fields);
  }

  private inner(end: number): number {
    const length = this.reader.length(end);
    return this.reader.pos + length;
  }

  private text(end: number, field: string): number {
    const { reader } = this;
    try {
      const stop = this.inner(end);
      const id = this.strings.internText(reader.bytes, reader.view, reader.pos, stop);
      reader.pos = stop;
      return id;
    } catch (error) {
      throw error instanceof MalformedError ? error.within(field) : error;
    }
  }

  private nestedText(end: number): string {
    const { reader } = this;
    const stop = this.inner(end);
    const bytes = reader.bytes.subarray(reader.pos, stop);
    reader.pos = stop;
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new MalformedError('the text is not UTF-8').within('string_value');
    }
  }

  private base64(end: number): string {
    const { reader } = this;
    const stop = this.inner(end);
    const { buffer, byteOffset } = reader.bytes;
    const text = Buffer.from(buffer, byteOffset + reader.pos, stop - reader.pos).toString('base64');
    reader.pos = stop;
    return text;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** JSON object of fields whose values are JSON already. */
export function objectJson(fields: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [key, json] of fields) parts.push(`${JSON.stringify(key)}:${json}`);
  return `{${parts.join()}}`;
}

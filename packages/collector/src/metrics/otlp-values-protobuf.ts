// KeyValue and AnyValue of OTLP in protobuf, and how errors get their place.

import type { AttributeValue } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import type { ProtoReader } from './proto-reader.ts';

const MAX_DEPTH = 32;

/** One KeyValue; values that nest deeper than 32 are malformed. */
export function readKeyValue(reader: ProtoReader, depth = 0): [string, AttributeValue] {
  let key = '';
  let value: AttributeValue = '';
  while (reader.next()) {
    if (reader.field === 1) key = text(reader);
    else if (reader.field === 2) {
      value = embedded(reader, 'value', undefined, (inner) => readValue(inner, depth));
    } else reader.skip();
  }
  return [key, value];
}

function readValue(reader: ProtoReader, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) throw new MalformedError(`values nest deeper than ${MAX_DEPTH}`);
  let value: AttributeValue = '';
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        value = text(reader);
        break;
      case 2:
        reader.expect(0);
        value = reader.uint32() !== 0;
        break;
      case 3:
        reader.expect(0);
        value = reader.int64();
        break;
      case 4:
        reader.expect(1);
        value = reader.double();
        break;
      case 5:
        value = embedded(reader, 'array_value', undefined, (list) => {
          const values: AttributeValue[] = [];
          while (list.next()) {
            if (list.field === 1) {
              values.push(embedded(list, 'values', values, (inner) => readValue(inner, depth + 1)));
            } else list.skip();
          }
          return values;
        });
        break;
      case 6:
        value = embedded(reader, 'kvlist_value', undefined, (list) => {
          const entries: [string, AttributeValue][] = [];
          while (list.next()) {
            if (list.field === 1) {
              const read = (inner: ProtoReader) => readKeyValue(inner, depth + 1);
              entries.push(embedded(list, 'values', entries, read));
            } else list.skip();
          }
          return Object.fromEntries(entries);
        });
        break;
      case 7:
        reader.expect(2);
        value = reader.blob().slice();
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

/** A string field. */
export function text(reader: ProtoReader): string {
  reader.expect(2);
  return reader.string();
}

/** Reads the embedded message of the field at hand; its place goes into an error that rises from it. */
export function embedded<T>(
  reader: ProtoReader,
  field: string,
  list: readonly unknown[] | undefined,
  read: (message: ProtoReader) => T,
): T {
  try {
    reader.expect(2);
    return read(reader.message());
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw error.within(list === undefined ? field : `${field}[${list.length}]`);
  }
}

// KeyValue and AnyValue of OTLP's JSON form.

import { TYPE } from './builder-attributes.ts';
import { MalformedError } from './decode-error.ts';
import {
  at,
  isRecord,
  listField,
  recordsField,
  recordField,
  textField,
  type JsonRecord,
} from './decode-json-fields.ts';
import { objectJson } from './decode-otlp-value.ts';

const MAX_DEPTH = 32;
const VALUE_FIELDS = [
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
] as const;

export function keyOfJson(entry: JsonRecord): string {
  return textField(entry, 'key');
}

/** The value of a KeyValue as the batch holds it: text and an index into ATTRIBUTE_TYPES. */
export function attributeOfJson(entry: JsonRecord): { text: string; type: number } {
  const value = recordField(entry, 'value');
  if (!value) return { text: '', type: TYPE.string };
  return at('value', () => valueText(value));
}

/** The attributes in `field` by key, each value as JSON text. */
export function fieldsOfJson(of: JsonRecord, field: string, depth = 0): Map<string, string> {
  const fields = new Map<string, string>();
  recordsField(of, field, (entry) => {
    const value = recordField(entry, 'value');
    fields.set(keyOfJson(entry), value ? at('value', () => valueJson(value, depth + 1)) : 'null');
  });
  return fields;
}

/** The text in a JSON string, other JSON as it stands; empty for undefined. */
export function textOfJsonText(json: string | undefined): string {
  if (json === undefined) return '';
  return json.startsWith('"') ? (JSON.parse(json) as string) : json; // JSON made by valueJson
}

function valueText(value: JsonRecord): { text: string; type: number } {
  switch (fieldOf(value)) {
    case 'stringValue':
      return { text: textField(value, 'stringValue'), type: TYPE.string };
    case 'boolValue':
      return { text: String(booleanOf(value)), type: TYPE.bool };
    case 'intValue':
      return { text: integerText(value), type: TYPE.int };
    case 'doubleValue':
      return { text: String(doubleOf(value)), type: TYPE.double };
    case 'bytesValue':
      return { text: base64Of(value), type: TYPE.bytes };
    case undefined:
      return { text: '', type: TYPE.string };
    default:
      return { text: valueJson(value, 0), type: TYPE.json };
  }
}

function valueJson(value: JsonRecord, depth: number): string {
  if (depth > MAX_DEPTH) throw new MalformedError(`values are nested deeper than ${MAX_DEPTH}`);
  switch (fieldOf(value)) {
    case 'stringValue':
      return JSON.stringify(textField(value, 'stringValue'));
    case 'boolValue':
      return String(booleanOf(value));
    case 'intValue':
      return integerText(value);
    case 'doubleValue': {
      const double = doubleOf(value);
      return Number.isFinite(double) ? String(double) : `"${double}"`;
    }
    case 'arrayValue':
      return at('arrayValue', () => arrayJson(recordField(value, 'arrayValue')!, depth));
    case 'kvlistValue':
      return at('kvlistValue', () =>
        objectJson(fieldsOfJson(recordField(value, 'kvlistValue')!, 'values', depth)),
      );
    case 'bytesValue':
      return `"${base64Of(value)}"`;
    default:
      return 'null';
  }
}

function arrayJson(array: JsonRecord, depth: number): string {
  const items = listField(array, 'values').map((item, index) =>
    at(`values[${index}]`, () => {
      if (!isRecord(item)) throw new MalformedError('an object is due');
      return valueJson(item, depth + 1);
    }),
  );
  return `[${items.join()}]`;
}

function fieldOf(value: JsonRecord): (typeof VALUE_FIELDS)[number] | undefined {
  return VALUE_FIELDS.find((field) => value[field] !== undefined && value[field] !== null);
}

function booleanOf(value: JsonRecord): boolean {
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  throw new MalformedError('true or false is due').within('boolValue');
}

/** A signed 64-bit integer in decimal. */
function integerText(value: JsonRecord): string {
  const given = value.intValue;
  if (typeof given === 'number' && Number.isInteger(given)) return BigInt(given).toString();
  if (typeof given === 'string' && /^-?\d{1,19}$/.test(given)) {
    const parsed = BigInt(given);
    if (BigInt.asIntN(64, parsed) === parsed) return parsed.toString();
  }
  throw new MalformedError('a signed 64-bit integer is due').within('intValue');
}

function doubleOf(value: JsonRecord): number {
  const given = value.doubleValue;
  if (typeof given === 'number') return given;
  if (given === 'NaN') return Number.NaN;
  if (typeof given === 'string' && given.trim() !== '' && !Number.isNaN(Number(given)))
    return Number(given);
  throw new MalformedError('a number is due').within('doubleValue');
}

/** Base64 in its standard alphabet, whatever alphabet came. */
function base64Of(value: JsonRecord): string {
  const given = textField(value, 'bytesValue');
  if (!/^[\w+/=-]*$/.test(given)) throw new MalformedError('base64 is due').within('bytesValue');
  return Buffer.from(given, 'base64').toString('base64');
}

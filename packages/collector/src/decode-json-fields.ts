// Fields of parsed JSON, each with the type it must have: a missing one or null is its empty value, as
// in protobuf, and another type is malformed.

import { MalformedError } from './decode-error.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Runs `read`, and puts `field` before the place of a fault. */
export function at<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedError ? error.within(field) : error;
  }
}

export function textField(of: JsonRecord, field: string): string {
  const value = of[field];
  if (typeof value === 'string') return value;
  return missing(value, '', field, 'text');
}

export function numberField(of: JsonRecord, field: string): number {
  const value = of[field];
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return missing(value, 0, field, 'a number');
}

/** A whole number below 2^64, as a number or as decimal text. */
export function unsignedField(of: JsonRecord, field: string): bigint {
  const value = of[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 64)
    return BigInt(value);
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) {
    const parsed = BigInt(value);
    if (parsed < 1n << 64n) return parsed;
  }
  if (typeof value === 'string' && value !== '')
    throw new MalformedError('a whole number below 2^64 is due').within(field);
  return missing(value === '' ? undefined : value, 0n, field, 'a whole number below 2^64');
}

export function listField(of: JsonRecord, field: string): readonly unknown[] {
  const value = of[field];
  if (Array.isArray(value)) return value as readonly unknown[]; // elements are unknown still
  return missing(value, [], field, 'a list');
}

export function recordField(of: JsonRecord, field: string): JsonRecord | undefined {
  const value = of[field];
  if (isRecord(value)) return value;
  return missing(value, undefined, field, 'an object');
}

/** Hands each object of a list to `read`. */
export function recordsField(
  of: JsonRecord,
  field: string,
  read: (record: JsonRecord) => void,
): void {
  listField(of, field).forEach((value, index) =>
    at(`${field}[${index}]`, () => {
      if (!isRecord(value)) throw new MalformedError('an object is due');
      read(value);
    }),
  );
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missing<T>(value: unknown, empty: T, field: string, due: string): T {
  if (value === undefined || value === null) return empty;
  throw new MalformedError(`${due} is due`).within(field);
}

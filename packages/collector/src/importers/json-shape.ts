// Small readers of parsed JSON whose shape nobody promised.

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The array, or an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The string, or an empty one for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * An id of at most `bytes` bytes in hex as lower-case digits of full length, padded with zeros on
 * the left; undefined when it is no such id or all zeros.
 */
export function hexId(value: unknown, bytes: 8 | 16): string | undefined {
  if (typeof value !== 'string' || value.length > bytes * 2) return undefined;
  if (!/^[0-9a-fA-F]+$/.test(value) || /^0+$/.test(value)) return undefined;
  return value.toLowerCase().padStart(bytes * 2, '0');
}

/** A whole number that is not negative and at most 2^64-1, given as a number or decimal text. */
export function unsigned(value: unknown): bigint | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  }
  if (typeof value === 'bigint') return value >= 0n && value < 2n ** 64n ? value : undefined;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined;
  const parsed = BigInt(value);
  return parsed < 2n ** 64n ? parsed : undefined;
}

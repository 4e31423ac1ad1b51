// The engine's errors as the store's.

import { CloverError } from '@clover/model';
import { storeErrors } from '../errors.ts';

/** TIMEOUT_EXCEEDED, TOO_SLOW; MEMORY_LIMIT_EXCEEDED, SET_SIZE_LIMIT_EXCEEDED, TOO_MANY_ROWS_OR_BYTES; CANNOT_COMPILE_REGEXP. */
const TIMEOUT_CODES = new Set([159, 160]);
const SIZE_CODES = new Set([241, 191, 396, 158]);
const REGEXP_CODE = 427;

/** `Code: 241. DB::Exception: …` to the CloverError that says what to do. CloverErrors pass through. */
export function readableError(error: unknown, timeoutMs: number): Error {
  if (error instanceof CloverError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = Number(/Code: (\d+)/.exec(message)?.[1] ?? (error as { code?: unknown }).code);
  if (TIMEOUT_CODES.has(code)) return storeErrors.queryTimeout(timeoutMs, error);
  if (SIZE_CODES.has(code)) return storeErrors.queryTooLarge(error);
  const text = message
    .replace(/^.*?DB::Exception:\s*/s, '')
    .split('\n')[0]!
    .slice(0, 500);
  if (code === REGEXP_CODE) {
    return new CloverError('store.bad_regex', `the regular expression cannot be used: ${text}`, {
      hint: 'RE2 syntax: no look-around, no back references',
      status: 400,
      cause: error,
    });
  }
  return storeErrors.queryFailed(text, error);
}

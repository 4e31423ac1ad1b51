// What readers of MeshConfig's parts have in common.

import { CloverError, parseDurationMs } from '@clover/model';
import type { Reader } from './reader.ts';

/** As it stands there, after a look whether it is one. */
export function durationOf(reader: Reader | undefined): string | undefined {
  const text = reader?.text();
  if (text === undefined) return undefined;
  try {
    parseDurationMs(text);
  } catch (error) {
    if (!(error instanceof CloverError)) throw error;
    reader?.wrong('a duration such as 500ms');
  }
  return text;
}

/** Only what is there. */
export function given<T extends object>(values: T): { [Key in keyof T]: NonNullable<T[Key]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // What was left out is optional in what it is put into.
  return Object.fromEntries(entries) as { [Key in keyof T]: NonNullable<T[Key]> };
}

// A change of the configuration: what stood there before and what after, so that it can be told,
// taken back and done again.

import { entryKey, type Entries, type Entry } from './entry.ts';

export type RevisionAction = 'apply' | 'delete' | 'undo' | 'fault' | 'folder';

export interface EntryChange {
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface Revision {
  /** From 1, without gaps. */
  readonly revision: number;
  /** RFC 3339 */
  readonly time: string;
  readonly author: string;
  readonly action: RevisionAction;
  readonly reason: string;
  readonly changes: readonly EntryChange[];
}

/** The entries after the change. */
export function withRevision(entries: Entries, { changes }: Revision): Entries {
  const next = new Map(entries);
  for (const { before, after } of changes) {
    if (after) next.set(entryKey(after), after);
    else if (before) next.delete(entryKey(before));
  }
  return next;
}

/** The entries before the change. */
export function withoutRevision(entries: Entries, { changes }: Revision): Entries {
  const earlier = new Map(entries);
  for (const { before, after } of changes) {
    if (before) earlier.set(entryKey(before), before);
    else if (after) earlier.delete(entryKey(after));
  }
  return earlier;
}

/** What makes `from` into `to`; entries with the same text are no change. In the order of their keys. */
export function changesBetween(from: Entries, to: Entries): EntryChange[] {
  const keys = [...new Set([...from.keys(), ...to.keys()])].toSorted();
  return keys.flatMap((key): EntryChange[] => {
    const before = from.get(key) ?? null;
    const after = to.get(key) ?? null;
    return before?.text === after?.text ? [] : [{ before, after }];
  });
}

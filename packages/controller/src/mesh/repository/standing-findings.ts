// What there is to say about the resources in force, worked out again when they or the hour change.

import type { Finding, ReadResult, Resource } from '@clover/traffic';
import { registeredRead } from './candidate.ts';
import type { Entries } from './entry.ts';
import { mergeReads, readEntries } from './read-entries.ts';

const HOUR_MS = 3_600_000;

export interface StandingFindingsOptions {
  readonly now: () => number;
  readonly registered: (entries: Entries) => readonly Resource[];
  readonly check: (read: ReadResult) => Finding[];
}

export function createStandingFindings({ now, registered, check }: StandingFindingsOptions) {
  let found:
    | { entries: Entries; extra: readonly Resource[]; hour: number; findings: Finding[] }
    | undefined;
  return (entries: Entries): readonly Finding[] => {
    const extra = registered(entries);
    // Certificates expire while nothing changes.
    const hour = Math.floor(now() / HOUR_MS);
    if (found?.entries !== entries || found.extra !== extra || found.hour !== hour) {
      const read = mergeReads([readEntries(entries.values()), registeredRead(extra)]);
      found = { entries, extra, hour, findings: check(read) };
    }
    return found.findings;
  };
}

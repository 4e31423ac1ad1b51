// What is kept, as the traffic package wants it: read once an entry, because entries never change.

import { readResources, type ReadResult, type Resource } from '@clover/traffic';
import { entryKey, FAULT_KIND, type Entry } from './entry.ts';

const known = new WeakMap<Entry, ReadResult>();

/** Resources of all entries that are any, with places in files named `VirtualService/default/reviews`. */
export function readEntries(entries: Iterable<Entry>): ReadResult {
  return mergeReads([...entries].filter(({ kind }) => kind !== FAULT_KIND).map(readEntry));
}

export function readEntry(entry: Entry): ReadResult {
  let read = known.get(entry);
  if (!read) {
    const {
      resources,
      findings,
      refused = [],
      positionOf,
    } = readResources([{ name: entryKey(entry), text: entry.text }], entry.namespace);
    // As the API server does it: the time of creation decides between equals, whatever a file says.
    const dated = resources.map((one): Resource => ({
      ...one,
      metadata: { ...one.metadata, creationTimestamp: entry.createdAt },
    }));
    read = {
      resources: dated,
      findings,
      refused,
      positionOf: (resource, path) =>
        positionOf(resources[dated.indexOf(resource)] ?? resource, path),
    };
    known.set(entry, read);
  }
  return read;
}

/** Several reads as one; the order stays. */
export function mergeReads(reads: readonly ReadResult[]): ReadResult {
  const owners = new Map(
    reads.flatMap((read) =>
      [...read.resources, ...(read.refused ?? [])].map((one) => [one, read] as const),
    ),
  );
  return {
    resources: reads.flatMap(({ resources }) => resources),
    findings: reads.flatMap(({ findings }) => findings),
    refused: reads.flatMap(({ refused = [] }) => refused),
    positionOf: (resource, path) => owners.get(resource)?.positionOf(resource, path),
  };
}

// What the configuration would be after a change, without making it.

import { readResources, type ReadResult, type Resource, type SourceFile } from '@clover/traffic';
import { nothingSent, refused } from '../errors.ts';
import { entryKey, FAULT_KIND, type Entries, type Entry } from './entry.ts';
import { mergeReads, readEntries } from './read-entries.ts';
import { splitDocuments } from './split-documents.ts';

export interface Stamp {
  readonly revision: number;
  readonly time: string;
  readonly author: string;
}

export interface Candidate {
  readonly entries: Entries;
  /** What was sent, at its places in the files, then the rest. */
  readonly read: ReadResult;
  /** `VirtualService default/reviews` of what was sent. */
  readonly sent: ReadonlySet<string>;
  readonly sentKeys: readonly string[];
}

/** Throws `traffic.refused` for what cannot be read, `traffic.nothing_sent`. */
export function candidateOf(
  current: Entries,
  files: readonly SourceFile[],
  options: {
    namespace: string;
    prune: boolean;
    remove: ReadonlySet<string>;
    stamp: Stamp;
    registered: (entries: Entries) => readonly Resource[];
  },
): Candidate {
  const { namespace, stamp } = options;
  const read = readResources(files, namespace);
  const unreadable = read.findings.filter((one) => one.severity === 'error');
  if (unreadable.length > 0) throw refused(unreadable, false);
  const usable = new Set(read.resources.map(keyOfResource));
  const documents = splitDocuments(files, namespace).filter((one) => usable.has(entryKey(one)));
  if (documents.length === 0 && options.remove.size === 0) throw nothingSent();
  const kept = [...current].filter(
    ([key, { kind }]) => !options.remove.has(key) && (!options.prune || kind === FAULT_KIND),
  );
  const entries = new Map<string, Entry>(kept);
  for (const document of documents) {
    const key = entryKey(document);
    const before = current.get(key);
    entries.set(
      key,
      before?.text === document.text
        ? before
        : {
            ...document,
            revision: stamp.revision,
            createdAt: before?.createdAt ?? stamp.time,
            changedAt: stamp.time,
            author: stamp.author,
          },
    );
  }
  const others = [...entries.values()].filter((one) => !usable.has(entryKey(one)));
  return {
    entries,
    read: mergeReads([
      dated(read, entries),
      readEntries(others),
      registeredRead(options.registered(entries)),
    ]),
    sent: new Set(documents.map(({ kind, namespace: of, name }) => `${kind} ${of}/${name}`)),
    sentKeys: documents.map(entryKey),
  };
}

/** What the registry adds stands in no file. */
export const registeredRead = (resources: readonly Resource[]): ReadResult => ({
  resources,
  findings: [],
  positionOf: () => undefined,
});

const keyOfResource = ({ kind, metadata }: Resource): string =>
  entryKey({ kind, namespace: metadata.namespace, name: metadata.name });

function dated(read: ReadResult, entries: Entries): ReadResult {
  const originals = new Map<Resource, Resource>();
  const resources = read.resources.map((one) => {
    const creationTimestamp = entries.get(keyOfResource(one))!.createdAt;
    const copy = { ...one, metadata: { ...one.metadata, creationTimestamp } };
    originals.set(copy, one);
    return copy;
  });
  return {
    resources,
    findings: read.findings,
    positionOf: (resource, path) => read.positionOf(originals.get(resource) ?? resource, path),
  };
}

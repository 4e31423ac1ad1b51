// Revisions on disk, a file each, and a snapshot of what they come to. A revision counts from the
// moment its file has its name; the snapshot follows and is made up for at the next start.

import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged, journalFailed } from '../errors.ts';
import { writeDurably } from './durable-file.ts';
import { entryKey, type Entries, type Entry, type EntryName } from './entry.ts';
import { withoutRevision, withRevision, type Revision } from './revision.ts';

/** A revision without its texts; those are read when they are asked for. */
export interface RevisionHeader extends Omit<Revision, 'changes'> {
  readonly changes: readonly (EntryName & {
    readonly action: 'created' | 'configured' | 'deleted';
  })[];
  readonly sizeBytes: number;
}

export interface Journal {
  readonly revision: number;
  readonly entries: Entries;
  /** Oldest first. */
  readonly headers: readonly RevisionHeader[];
  /** Resolves when the revision is on the disk. Throws `mesh.journal_failed`; then nothing has changed. */
  append(revision: Revision): Promise<void>;
  read(revision: number): Promise<Revision>;
  /** The entries as they were after a revision that is still kept (or before the oldest). */
  entriesAt(revision: number): Promise<Entries>;
}

export interface JournalOptions {
  readonly folder: string;
  /** Older revisions go when there are more; default 500. */
  readonly keepRevisions?: number;
  /** … or when they take more; default 64 MiB. */
  readonly keepBytes?: number;
  readonly onError?: (error: unknown) => void;
}

interface Snapshot {
  readonly revision: number;
  readonly entries: readonly Entry[];
}

const NAME = /^(\d{9})\.json$/;
const nameOf = (revision: number): string => `${String(revision).padStart(9, '0')}.json`;

/** Throws CloverError `mesh.damaged` when a file cannot be read or a revision is missing. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, keepRevisions = 500, keepBytes = 64 << 20 } = options;
  const revisions = join(folder, 'revisions');
  const snapshotFile = join(folder, 'current.json');
  await mkdir(revisions, { recursive: true, mode: 0o700 });

  const snapshot = (await readJson<Snapshot>(snapshotFile)) ?? { revision: 0, entries: [] };
  let { revision } = snapshot;
  let snapshotRevision = revision;
  let entries: Entries = new Map(snapshot.entries.map((one) => [entryKey(one), one]));
  const headers: RevisionHeader[] = [];
  for (const name of (await readdir(revisions)).toSorted()) {
    const number = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) {
      // Left by a process that ended while it wrote; it was never acknowledged.
      if (name.endsWith('.tmp')) await rm(join(revisions, name), { force: true });
      continue;
    }
    const path = join(revisions, name);
    const one = (await readJson<Revision>(path))!;
    const last = headers.at(-1);
    if (one.revision !== number || (last && number !== last.revision + 1))
      throw damaged(path, 'revisions are missing before it');
    headers.push(headerOf(one, (await stat(path)).size));
    if (number <= snapshotRevision) continue;
    if (number !== revision + 1) throw damaged(path, 'revisions are missing before it');
    entries = withRevision(entries, one);
    revision = number;
  }

  async function writeSnapshot(): Promise<void> {
    await writeDurably(snapshotFile, JSON.stringify({ revision, entries: [...entries.values()] }));
    snapshotRevision = revision;
  }

  async function prune(): Promise<void> {
    let size = headers.reduce((sum, one) => sum + one.sizeBytes, 0);
    while (headers.length > 1 && (headers.length > keepRevisions || size > keepBytes)) {
      const oldest = headers[0]!;
      if (oldest.revision > snapshotRevision) return;
      await rm(join(revisions, nameOf(oldest.revision)), { force: true });
      headers.shift();
      size -= oldest.sizeBytes;
    }
  }

  async function settle(): Promise<void> {
    try {
      await writeSnapshot();
      await prune();
    } catch (error) {
      options.onError?.(error);
    }
  }

  async function read(number: number): Promise<Revision> {
    const found = await readJson<Revision>(join(revisions, nameOf(number)));
    if (!found) throw damaged(nameOf(number), 'it is gone');
    return found;
  }

  if (revision !== snapshotRevision) await settle();
  return {
    get revision() {
      return revision;
    },
    get entries() {
      return entries;
    },
    headers,
    async append(next) {
      const text = JSON.stringify(next);
      await writeDurably(join(revisions, nameOf(next.revision)), text).catch((cause: unknown) => {
        throw journalFailed(cause);
      });
      entries = withRevision(entries, next);
      revision = next.revision;
      headers.push(headerOf(next, Buffer.byteLength(text)));
      await settle();
    },
    read,
    async entriesAt(wanted) {
      let at = entries;
      for (let number = revision; number > wanted; number--)
        at = withoutRevision(at, await read(number));
      return at;
    },
  };
}

function headerOf(one: Revision, sizeBytes: number): RevisionHeader {
  const { revision, time, author, action, reason } = one;
  return {
    revision,
    time,
    author,
    action,
    reason,
    sizeBytes,
    changes: one.changes.map(({ before, after }) => {
      const { kind, namespace, name } = (after ?? before)!;
      return {
        kind,
        namespace,
        name,
        action: before === null ? 'created' : after === null ? 'deleted' : 'configured',
      };
    }),
  };
}

async function readJson<Value>(path: string): Promise<Value | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw damaged(path, error.message, error);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Node's own words repeat a piece of the text, which may be of a Secret.
    throw damaged(path, 'it is not JSON');
  }
}

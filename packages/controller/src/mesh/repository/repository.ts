// The traffic configuration: what is in force, how it came to be, and the one way to change it.

import { nearest, type DataPlaneApplied, type ResourceChange } from '@clover/model';
import {
  analyze,
  type Finding,
  type ReadResult,
  type Resource,
  type SourceFile,
} from '@clover/traffic';
import {
  faultIsOver,
  leavesNothing,
  noSuchResource,
  noSuchRevision,
  nothingToUndo,
  refused,
  revisionMoved,
} from '../errors.ts';
import { createAttempts } from './attempts.ts';
import { candidateOf, registeredRead, type Candidate, type Stamp } from './candidate.ts';
import { judge } from './check.ts';
import { describeChange } from './describe-change.ts';
import { entryKey, FAULT_KIND, type Entries, type Entry, type EntryName } from './entry.ts';
import { openJournal, type JournalOptions, type RevisionHeader } from './journal.ts';
import { mergeReads, readEntries } from './read-entries.ts';
import { changesBetween, type Revision, type RevisionAction } from './revision.ts';
import { createStandingFindings } from './standing-findings.ts';

export interface ChangeOptions {
  readonly author: string;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** Refused when it is not the one in force. */
  readonly revision?: number | undefined;
}

export interface ApplyOptions extends ChangeOptions {
  readonly namespace?: string | undefined;
  readonly prune?: boolean | undefined;
  /** Keys of entries that go with the same change, unless they were sent. */
  readonly remove?: ReadonlySet<string>;
  readonly action?: RevisionAction;
}

export interface Changed {
  readonly revision: number;
  readonly changes: readonly ResourceChange[];
  readonly findings: readonly Finding[];
  readonly dataPlane: DataPlaneApplied;
}

export interface Repository {
  readonly revision: number;
  readonly entries: Entries;
  readonly headers: readonly RevisionHeader[];
  /** Findings on everything that is in force. */
  findings(): readonly Finding[];
  apply(files: readonly SourceFile[], options: ApplyOptions): Promise<Changed>;
  /** What `apply` would say and change; it throws for what cannot be read. `blocked`: it would be refused. */
  validate(
    files: readonly SourceFile[],
    namespace: string,
  ): Promise<Changed & { readonly blocked: boolean }>;
  remove(names: readonly EntryName[], options: ChangeOptions): Promise<Changed>;
  /**
   * All resources as they were after revision `to`; fault switches stay as they are. Without `to` the last
   * change: a fault that is on is ended. Throws `traffic.fault_is_over` when the last change is a fault that has
   * ended, `traffic.leaves_nothing` when no resource would remain, unless `all` is set, and `traffic.last_refused`
   * when neither `to` nor `revision` is named and the same author has tried a change since that was refused.
   */
  undo(
    to: number | undefined,
    options: ChangeOptions & { readonly all?: boolean | undefined },
  ): Promise<Changed>;
  /** Fault switches: entries put (a text) or removed (null) without a check of references. */
  putFault(name: EntryName, text: string | null, options: ChangeOptions): Promise<Changed>;
  changesOf(revision: number): Promise<Revision>;
  diff(from: number, to: number | undefined): Promise<ResourceChange[]>;
}

export interface RepositoryOptions extends JournalOptions {
  readonly now?: () => number;
  /** What the registry of workloads adds to these entries. The same array while nothing changes. */
  readonly registered: (entries: Entries) => readonly Resource[];
  /** Puts entries into force. Throws CloverError when the data plane refuses them; the old ones stay then. */
  readonly enforce: (entries: Entries, revision: number) => Promise<DataPlaneApplied>;
  /** All findings on a set of resources; `analyze` by default. */
  readonly check?: (read: ReadResult) => Finding[];
  readonly onCommit?: (revision: Revision) => void;
}

const NONE: ReadonlySet<string> = new Set();
const NOT_APPLIED: DataPlaneApplied = { state: 'off', detail: 'nothing was changed', tookMs: null };

export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { now = Date.now, registered, enforce, check = analyze } = options;
  const journal = await openJournal(options);
  let last: Promise<unknown> = Promise.resolve();
  const attempts = createAttempts(now);
  const standing = createStandingFindings({ now, registered, check });

  /** One change at a time. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  const findings = () => standing(journal.entries);

  const stampOf = ({ author }: ChangeOptions): Stamp => ({
    revision: journal.revision + 1,
    time: new Date(now()).toISOString(),
    author,
  });

  function checkRevision({ revision }: ChangeOptions): void {
    if (revision !== undefined && revision !== journal.revision)
      throw revisionMoved(revision, journal.revision);
  }

  /** In force first, then on the disk: what the data plane refuses is never kept. */
  async function commit(
    entries: Entries,
    stamp: Stamp,
    change: ChangeOptions & { action: RevisionAction; findings: readonly Finding[] },
  ): Promise<Changed> {
    if (!change.dryRun) attempts.forget(change.author);
    const changes = changesBetween(journal.entries, entries);
    const described = changes.map(describeChange);
    if (change.dryRun || changes.length === 0)
      return {
        revision: journal.revision,
        changes: described,
        findings: change.findings,
        dataPlane: NOT_APPLIED,
      };
    const dataPlane = await enforce(entries, stamp.revision);
    const revision: Revision = {
      ...stamp,
      action: change.action,
      reason: change.reason ?? '',
      changes,
    };
    const before = journal.entries;
    try {
      await journal.append(revision);
    } catch (error) {
      await enforce(before, journal.revision);
      throw error;
    }
    options.onCommit?.(revision);
    return {
      revision: journal.revision,
      changes: described,
      findings: change.findings,
      dataPlane,
    };
  }

  function candidate(files: readonly SourceFile[], change: ApplyOptions, stamp: Stamp) {
    return candidateOf(journal.entries, files, {
      namespace: change.namespace ?? 'default',
      prune: change.prune ?? false,
      remove: change.remove ?? NONE,
      stamp,
      registered,
    });
  }

  async function applyNow(files: readonly SourceFile[], change: ApplyOptions): Promise<Changed> {
    checkRevision(change);
    const stamp = stampOf(change);
    const next = candidate(files, change, stamp);
    const verdict = judge(check(next.read), findings(), next.sent);
    if (verdict.blocking.length > 0 && !change.force) throw refused(verdict.blocking, true);
    const changed = await commit(next.entries, stamp, {
      ...change,
      action: change.action ?? 'apply',
      findings: verdict.findings,
    });
    return withUnchanged(changed, next);
  }

  async function removeNow(names: readonly EntryName[], change: ChangeOptions): Promise<Changed> {
    checkRevision(change);
    const stamp = stampOf(change);
    const entries = new Map(journal.entries);
    const missing = names.filter((one) => !entries.delete(entryKey(one)));
    if (missing.length > 0) throw unknown(missing, journal.entries);
    const read = mergeReads([readEntries(entries.values()), registeredRead(registered(entries))]);
    const verdict = judge(check(read), findings(), new Set());
    if (verdict.blocking.length > 0 && !change.force) throw refused(verdict.blocking, true);
    return commit(entries, stamp, { ...change, action: 'delete', findings: verdict.blocking });
  }

  return {
    get revision() {
      return journal.revision;
    },
    get entries() {
      return journal.entries;
    },
    headers: journal.headers,
    findings,
    apply: (files, change) =>
      exclusively(() => attempts.watch('apply', change.author, () => applyNow(files, change))),
    async validate(files, namespace) {
      const change = { author: '', namespace, dryRun: true, action: 'apply' } as const;
      const stamp = stampOf(change);
      const next = candidate(files, change, stamp);
      const verdict = judge(check(next.read), findings(), next.sent);
      const { findings: told } = verdict;
      const changed = await commit(next.entries, stamp, { ...change, findings: told });
      return { ...withUnchanged(changed, next), blocked: verdict.blocking.length > 0 };
    },
    remove: (names, change) =>
      exclusively(() => attempts.watch('delete', change.author, () => removeNow(names, change))),
    undo: (to, change) =>
      exclusively(async () => {
        if (to === undefined && journal.headers.length === 0) throw nothingToUndo();
        checkRevision(change);
        const stamp = stampOf(change);
        if (to === undefined && change.revision === undefined)
          attempts.check(change.author, journal.headers.at(-1));
        const switched = to === undefined ? lastIsFault(journal.headers) : undefined;
        if (switched) {
          const on = switched.filter((one) => journal.entries.has(entryKey(one)));
          if (on.length === 0) throw faultIsOver(switched[0]!.name, journal.revision);
          const entries = new Map(journal.entries);
          for (const one of on) entries.delete(entryKey(one));
          const reason = change.reason || 'switched off';
          return commit(entries, stamp, { ...change, reason, action: 'undo', findings: [] });
        }
        const wanted = to ?? journal.revision - 1;
        checkKept(wanted, journal);
        const then = await journal.entriesAt(wanted);
        const entries = restored(journal.entries, then, stamp);
        const left = resourcesOf(entries);
        const gone = resourcesOf(journal.entries);
        if (to === undefined && left === 0 && gone > 0 && !change.all && !change.dryRun)
          throw leavesNothing(gone, wanted);
        return commit(entries, stamp, {
          ...change,
          reason: change.reason || `back to revision ${wanted}`,
          action: 'undo',
          findings: [],
        });
      }),
    putFault: (name, text, change) =>
      exclusively(async () => {
        const stamp = stampOf(change);
        const entries = new Map(journal.entries);
        const { time, revision, author } = stamp;
        if (text === null) entries.delete(entryKey(name));
        else
          entries.set(entryKey(name), {
            ...name,
            text,
            revision,
            author,
            createdAt: time,
            changedAt: time,
          });
        return commit(entries, stamp, { ...change, action: 'fault', findings: [] });
      }),
    async changesOf(revision) {
      if (!journal.headers.some((one) => one.revision === revision))
        throw noSuchRevision(revision, journal.headers[0]?.revision ?? 0, journal.revision);
      return journal.read(revision);
    },
    diff: (from, to) =>
      exclusively(async () => {
        checkKept(from, journal);
        if (to !== undefined) checkKept(to, journal);
        const [a, b] = [
          await journal.entriesAt(from),
          await journal.entriesAt(to ?? journal.revision),
        ];
        return changesBetween(a, b).map(describeChange);
      }),
  };
}

/** What was sent and is there already is told too. */
function withUnchanged(changed: Changed, { entries, sentKeys }: Candidate): Changed {
  const told = new Set(changed.changes.map(entryKey));
  const unchanged = sentKeys.flatMap((key) => {
    const entry = entries.get(key)!;
    return told.has(key) ? [] : [describeChange({ before: entry, after: entry })];
  });
  return { ...changed, changes: [...changed.changes, ...unchanged] };
}

function checkKept(
  wanted: number,
  { headers, revision }: { headers: readonly RevisionHeader[]; revision: number },
): void {
  const oldest = (headers[0]?.revision ?? revision + 1) - 1;
  if (wanted < oldest || wanted > revision) throw noSuchRevision(wanted, oldest, revision);
}

/** The faults that the last change switched, if it did nothing else. */
function lastIsFault(headers: readonly RevisionHeader[]): readonly EntryName[] | undefined {
  const changes = headers.at(-1)?.changes;
  return changes?.every(({ kind }) => kind === FAULT_KIND) ? changes : undefined;
}

const resourcesOf = (entries: Entries): number =>
  [...entries.values()].filter(({ kind }) => kind !== FAULT_KIND).length;

function restored(current: Entries, then: Entries, { revision, time, author }: Stamp): Entries {
  const entries = new Map<string, Entry>();
  for (const [key, one] of current) if (one.kind === FAULT_KIND) entries.set(key, one);
  for (const [key, one] of then) {
    if (one.kind === FAULT_KIND) continue;
    const now = current.get(key);
    entries.set(key, now?.text === one.text ? now : { ...one, revision, changedAt: time, author });
  }
  return entries;
}

function unknown(missing: readonly EntryName[], entries: Entries) {
  const [first] = missing as [EntryName];
  const alike = [...entries.values()].filter((one) => one.kind === first.kind);
  return noSuchResource(
    missing.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    nearest(
      `${first.namespace}/${first.name}`,
      alike.map((one) => `${one.namespace}/${one.name}`),
    ),
  );
}

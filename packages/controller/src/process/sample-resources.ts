// The Istio resources that the sample comes with: applied where they are missing, removed where nobody
// changed them and nobody else needs them.

import { CloverError, type SampleResource } from '@clover/model';
import { entryKey, type EntryName } from '../mesh/repository/entry.ts';
import type { Repository } from '../mesh/repository/repository.ts';
import { splitDocuments, type DocumentText } from '../mesh/repository/split-documents.ts';

const NAMESPACE = 'default';

/** Texts of the sample's resources; none when its files are not here. */
export async function sampleDocuments(): Promise<DocumentText[]> {
  const { sdcResources } = await import('@clover/services');
  return splitDocuments(await sdcResources(), NAMESPACE);
}

/** Puts those into force that are not there; what is there is kept, whoever changed it. */
export async function applyMissing(
  repository: Repository,
  documents: readonly DocumentText[],
  author: string,
): Promise<SampleResource[]> {
  const missing = documents.filter((one) => !repository.entries.has(entryKey(one)));
  const changed = documents.filter((one) => isChanged(repository, one));
  if (missing.length > 0)
    await repository.apply(
      missing.map(({ kind, name, text }) => ({ name: `sample/${kind}/${name}`, text })),
      { author, reason: 'the Service Delivery Controller sample, as in examples/sdc/mesh' },
    );
  return [
    ...missing.map((one) => told(one, 'applied')),
    ...changed.map((one) => told(one, 'kept', 'it is not as the sample has it')),
  ];
}

export async function removeUnchanged(
  repository: Repository,
  documents: readonly DocumentText[],
  author: string,
): Promise<SampleResource[]> {
  const there = documents.filter((one) => repository.entries.has(entryKey(one)));
  const changed = there.filter((one) => isChanged(repository, one));
  const unchanged = there.filter((one) => !isChanged(repository, one));
  const change = { author, reason: 'the sample system was removed' };
  const free = await notNeeded(unchanged, (names) =>
    repository.remove(names, { ...change, dryRun: true }),
  );
  if (free.length > 0) await repository.remove(free, change);
  return [
    ...free.map((one) => told(one, 'removed')),
    ...changed.map((one) => told(one, 'kept', 'it is not as the sample has it')),
    ...unchanged
      .filter((one) => !free.includes(one))
      .map((one) => told(one, 'kept', 'other resources need it')),
  ];
}

/** As many as can go together. `tryOut` rejects when others need one of them. */
async function notNeeded(
  all: readonly DocumentText[],
  tryOut: (names: readonly EntryName[]) => Promise<unknown>,
): Promise<DocumentText[]> {
  const canGo = (names: readonly DocumentText[]) =>
    tryOut(names).then(
      () => true,
      (error: unknown) => {
        if (error instanceof CloverError && error.code === 'traffic.refused') return false;
        throw error;
      },
    );
  if (all.length === 0 || (await canGo(all))) return [...all];
  // One after the other; what needs another of them goes first, whatever the order.
  const free: DocumentText[] = [];
  let before = -1;
  while (free.length > before) {
    before = free.length;
    for (const one of all) if (!free.includes(one) && (await canGo([...free, one]))) free.push(one);
  }
  return free;
}

function isChanged({ entries }: Repository, one: DocumentText): boolean {
  const entry = entries.get(entryKey(one));
  return entry !== undefined && entry.text !== one.text;
}

const told = (
  { kind, namespace, name }: EntryName,
  state: SampleResource['state'],
  why = '',
): SampleResource => ({ kind, namespace, name, state, why });

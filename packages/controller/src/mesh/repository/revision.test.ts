import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entryKey, type Entries, type Entry } from './entry.ts';
import { changesBetween, withoutRevision, withRevision, type Revision } from './revision.ts';

const entry = fc
  .record({
    kind: fc.constantFrom('Gateway', 'VirtualService'),
    name: fc.constantFrom('a', 'b', 'c'),
  })
  .chain((name) =>
    fc.constantFrom('x', 'y').map((text): Entry => ({
      ...name,
      namespace: 'default',
      text,
      revision: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      changedAt: '2026-01-01T00:00:00.000Z',
      author: 'local',
    })),
  );
const entries = fc
  .array(entry)
  .map((all): Entries => new Map(all.map((one) => [entryKey(one), one])));
const texts = (all: Entries) =>
  [...all]
    .map(([key, { text }]) => [key, text] as const)
    .toSorted(([a], [b]) => a.localeCompare(b));
const revisionOf = (from: Entries, to: Entries): Revision => ({
  revision: 2,
  time: '2026-01-01T00:00:00.000Z',
  author: 'local',
  action: 'apply',
  reason: '',
  changes: changesBetween(from, to),
});

it('a revision leads from one state to the other, and back', () => {
  fc.assert(
    fc.property(entries, entries, (from, to) => {
      const revision = revisionOf(from, to);
      expect(texts(withRevision(from, revision))).toEqual(texts(to));
      expect(texts(withoutRevision(to, revision))).toEqual(texts(from));
    }),
  );
});

it('what has the same text is no change', () => {
  fc.assert(
    fc.property(entries, (all) => {
      expect(changesBetween(all, all)).toEqual([]);
    }),
  );
});

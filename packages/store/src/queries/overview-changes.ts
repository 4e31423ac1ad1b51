import type { Overview } from '@clover/model';

type Item = Overview['changes'][number];

const MAX_CHANGES = 20;
const ORDER = { bad: 0, warn: 1, info: 2 };

/** The gravest of them; those of one gravity stay in their order. */
export function worstFirst(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]).slice(0, MAX_CHANGES);
}

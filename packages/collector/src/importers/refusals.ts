/** Counts what an importer could not take, by reason, with the place of the first case. */
export interface Refusals {
  /** `place` is a JSON pointer or a line. */
  add(reason: string, place: string, count?: number): void;
  merge(other: Refusals): void;
  entries(): { reason: string; place: string; count: number }[];
  readonly total: number;
}

export function createRefusals(): Refusals {
  const byReason = new Map<string, { reason: string; place: string; count: number }>();
  const add = (reason: string, place: string, count = 1) => {
    const entry = byReason.get(reason);
    if (entry === undefined) byReason.set(reason, { reason, place, count });
    else entry.count += count;
  };
  return {
    add,
    merge(other) {
      for (const { reason, place, count } of other.entries()) add(reason, place, count);
    },
    entries: () => [...byReason.values()],
    get total() {
      return [...byReason.values()].reduce((sum, { count }) => sum + count, 0);
    },
  };
}

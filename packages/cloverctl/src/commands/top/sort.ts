import type { ServiceSummary } from '@clover/model';

export const SORTS = ['rate', 'errors', 'p50', 'p95', 'p99', 'name'] as const;
export type Sort = (typeof SORTS)[number];

const KEYS: Record<Exclude<Sort, 'name'>, (row: ServiceSummary) => number> = {
  rate: (row) => row.ratePerSecond,
  errors: (row) => row.errorRatio,
  p50: (row) => row.latency?.p50Ns ?? -1,
  p95: (row) => row.latency?.p95Ns ?? -1,
  p99: (row) => row.latency?.p99Ns ?? -1,
};

/** Largest first (names from a to z); equals by name, so that rows do not jump about. */
export function sortServices(
  rows: readonly ServiceSummary[],
  sort: Sort,
  reversed: boolean,
): ServiceSummary[] {
  const byName = (a: ServiceSummary, b: ServiceSummary) =>
    a.service < b.service ? -1 : a.service > b.service ? 1 : 0;
  const sorted = rows.toSorted((a, b) =>
    sort === 'name' ? byName(a, b) : KEYS[sort](b) - KEYS[sort](a) || byName(a, b),
  );
  return reversed ? sorted.toReversed() : sorted;
}

// What is said about an answer: its range, and whether it is whole, sampled or cut.
import type { Meta, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';

export interface MetaFacts {
  /** Some span stood for more than one request. */
  readonly sampled?: boolean;
  readonly cut?: { readonly shown: number; readonly total: number } | undefined;
  readonly notes?: readonly string[];
}

export interface MetaClock {
  /** Ends the clock and puts the facts together. Call once, after the answer is there. */
  finish(facts?: MetaFacts): Promise<Meta>;
}

/** Starts the clock of an answer and asks, beside it, what was refused in its range. */
export function startMeta(store: Queryable, scope: Scope): MetaClock {
  const started = performance.now();
  const refused = store.select<{ source: string; reason: string; count: number }>(
    `SELECT toString(source) AS source, toString(reason) AS reason, toFloat64(sum(count)) AS count FROM refusals
     WHERE time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
     GROUP BY source, reason ORDER BY count DESC`,
    { start: Math.floor(scope.startMs), end: Math.floor(scope.endMs) },
  );
  refused.catch(() => undefined); // finish() throws it; an answer that failed first must not be an unhandled rejection
  return {
    async finish(facts = {}) {
      const rows = await refused;
      const cut = facts.cut && facts.cut.shown < facts.cut.total ? facts.cut : undefined;
      return {
        start: new Date(scope.startMs).toISOString(),
        end: new Date(scope.endMs).toISOString(),
        complete: rows.length === 0 && cut === undefined,
        sampled: facts.sampled ?? false,
        ...(cut ? { cut } : {}),
        notes: [
          ...rows.map(
            (row) => `${row.count} refused from ${row.source} in this range: ${row.reason}`,
          ),
          ...(facts.notes ?? []),
        ],
        tookMs: Math.round((performance.now() - started) * 10) / 10,
      };
    },
  };
}

/** Whether any of these groups holds spans that stand for more (or less) than one request. */
export function isSampled(groups: readonly { spans: number; requests: number }[]): boolean {
  return groups.some((group) => Math.abs(group.spans - group.requests) > 1e-6 * group.spans);
}

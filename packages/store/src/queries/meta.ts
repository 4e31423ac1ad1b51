// What is said about an answer: its range, and whether it is whole, sampled or cut.
import type { Meta, Scope, Signal } from '@clover/model';
import type { Queryable } from '../store.ts';
import { ratedRange, type RatedRange } from './rated-range.ts';

export interface MetaFacts {
  /** Some span stood for more than one request. */
  readonly sampled?: boolean;
  readonly cut?: Meta['cut'];
  readonly notes?: readonly string[];
}

export interface MetaClock {
  /** What the answer's rates are over; an answer that has asked says so. */
  ratedRange(): Promise<RatedRange>;
  /** Ends the clock and puts the facts together. Call once, after the answer is there. */
  finish(facts?: MetaFacts): Promise<Meta>;
}

interface Missing {
  source: string;
  reason: string;
  count: number;
  /** Unix ms; 0 for refusals. */
  from: number;
  to: number;
}

/**
 * Starts the clock of an answer and asks, beside it, what of the signals that it is made of was refused
 * in its range, and what pulls could not get.
 */
export function startMeta(
  store: Queryable,
  scope: Scope,
  signals: readonly Signal[] = ['traces'],
): MetaClock {
  const started = performance.now();
  const bound = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
  const missing = store.select<Missing>(
    `SELECT toString(source) AS source, toString(reason) AS reason, toFloat64(sum(count)) AS count, toFloat64(0) AS from, toFloat64(0) AS to
     FROM refusals WHERE time >= ${bound('start')} AND time < ${bound('end')} AND signal IN {signals:Array(String)}
     GROUP BY source, reason ORDER BY count DESC
     UNION ALL
     SELECT toString(source) AS source, toString(reason) AS reason, toFloat64(count()) AS count,
       toFloat64(toUnixTimestamp64Milli(min(start))) AS from, toFloat64(toUnixTimestamp64Milli(max(end))) AS to
     FROM gaps FINAL WHERE start < ${bound('end')} AND end > ${bound('start')} AND end > start AND signal IN {signals:Array(String)}
     GROUP BY source, reason ORDER BY from`,
    { start: Math.floor(scope.startMs), end: Math.floor(scope.endMs), signals: [...signals] },
  );
  missing.catch(() => undefined); // finish() throws it; an answer that failed first must not be an unhandled rejection
  let rated: Promise<RatedRange> | undefined;
  return {
    ratedRange: () => (rated ??= ratedRange(store, scope)),
    async finish(facts = {}) {
      const rows = await missing;
      const sinceMs = (await rated)?.sinceMs;
      const cut = facts.cut && facts.cut.shown < facts.cut.total ? facts.cut : undefined;
      return {
        start: new Date(scope.startMs).toISOString(),
        end: new Date(scope.endMs).toISOString(),
        ...(sinceMs === undefined ? {} : { ratesSince: new Date(sinceMs).toISOString() }),
        complete: rows.length === 0 && cut === undefined,
        sampled: facts.sampled ?? false,
        ...(cut ? { cut } : {}),
        notes: [...rows.map((row) => missingInWords(row, scope)), ...(facts.notes ?? [])],
        tookMs: Math.round((performance.now() - started) * 10) / 10,
      };
    },
  };
}

function missingInWords({ source, reason, count, from, to }: Missing, scope: Scope): string {
  if (from === 0) return `${count} refused from ${source} in this range: ${reason}`;
  const first = timeText(Math.max(from, scope.startMs));
  const last = timeText(Math.min(to, scope.endMs));
  return `${source} has not given everything from ${first} to ${last}: ${reason}`;
}

const timeText = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Whether any of these groups holds spans that stand for more (or less) than one request. */
export function isSampled(groups: readonly { spans: number; requests: number }[]): boolean {
  return groups.some((group) => Math.abs(group.spans - group.requests) > 1e-6 * group.spans);
}

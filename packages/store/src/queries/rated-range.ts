// Over what time rates are: a range that began before there were spans counts from its first one. Else a
// system that has just been connected would seem to have a fraction of its traffic.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { firstSpanMs } from './first-span.ts';
import { queryParams } from './query-params.ts';
import { timeCondition } from './where.ts';

export interface RatedRange {
  readonly startMs: number;
  readonly endMs: number;
  /** When the first span began (unix ms), where the range is counted from there; undefined for a whole range. */
  readonly sinceMs: number | undefined;
}

/** With spans in the hour before a range (or in its length before, when that is longer), a quiet beginning is a part of it. */
const LOOKBACK_MS = 3_600_000;
/** Earlier than this part of the range a first span leaves it whole: the rate is off by as much. */
const LATE_RATIO = 0.01;
/** Rates over less would say more about chance than about traffic. */
const SHORTEST_MS = 1000;

/** Whatever the filters of the scope: all figures of an answer are over the same time. */
export async function ratedRange(store: Queryable, scope: Scope): Promise<RatedRange> {
  const { startMs, endMs } = scope;
  const whole = { startMs, endMs, sinceMs: undefined };
  const params = queryParams();
  const before = timeCondition(
    { startMs: startMs - Math.max(LOOKBACK_MS, endMs - startMs), endMs: startMs },
    params,
  );
  const earlier = await store.select(
    `SELECT 1 AS one FROM spans WHERE ${before} LIMIT 1`,
    params.values,
  );
  if (earlier.length > 0) return whole;
  const first = await firstSpanMs(store, scope);
  if (first === null || first <= startMs + (endMs - startMs) * LATE_RATIO) return whole;
  return {
    startMs: Math.max(startMs, Math.min(first, endMs - SHORTEST_MS)),
    endMs,
    sinceMs: first,
  };
}

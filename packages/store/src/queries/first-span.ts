import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { queryParams } from './query-params.ts';
import { timeCondition } from './where.ts';

/** When the first span of a range began (unix ms), whatever its service; null when there is none. Reads one bucket. */
export async function firstSpanMs(
  store: Queryable,
  range: Pick<Scope, 'startMs' | 'endMs'>,
): Promise<number | null> {
  const params = queryParams();
  const where = timeCondition(range, params);
  const rows = await store.select<{ spans: number; first: number }>(
    `SELECT toFloat64(count()) AS spans, toFloat64(toUnixTimestamp64Milli(min(start))) AS first FROM spans
     WHERE ${where} AND bucket = (SELECT bucket FROM spans WHERE ${where} ORDER BY bucket LIMIT 1)`,
    params.values,
  );
  return rows[0] !== undefined && rows[0].spans > 0 ? rows[0].first : null;
}

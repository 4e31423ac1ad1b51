// Which side of the spans an answer is made of, when the one asked for has none.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { ask } from './question.ts';
import { SERVER_SIDE, type Side } from './sides.ts';

export interface EffectiveSide {
  readonly side: Side;
  /** What to say about it. */
  readonly notes: readonly string[];
}

/**
 * The side asked for (server when not given); `all` with a note when the server side is wanted but the
 * scope has only spans that do not tell their side, as older instrumentation sends them.
 */
export async function effectiveSide(
  store: Queryable,
  scope: Scope,
  wanted: Side | undefined,
): Promise<EffectiveSide> {
  const side = wanted ?? 'server';
  if (side !== 'server') return { side, notes: [] };
  const question = await ask(store, scope);
  const where = question.where();
  const has = async (condition: string) => {
    const rows = await store.select<{ one: number }>(
      `SELECT 1 AS one FROM spans WHERE ${where} AND ${condition} LIMIT 1`,
      question.params.values,
    );
    return rows.length > 0;
  };
  if ((await has(SERVER_SIDE)) || !(await has('kind < 2'))) return { side, notes: [] };
  return {
    side: 'all',
    notes: ['no span here tells that it is server-side: all spans are counted'],
  };
}

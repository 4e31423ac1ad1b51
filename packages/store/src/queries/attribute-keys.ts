import type { AttributeKeysAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';

const LIMIT = 5000;

/** Every attribute key the store has seen, on spans and on resources, by name; several types are joined by `|`. */
export async function attributeKeys(store: Queryable, scope: Scope): Promise<AttributeKeysAnswer> {
  const meta = startMeta(store, scope);
  const rows = await store.select<{
    key: string;
    place: 'span' | 'resource';
    types: string[];
    last: number;
    groups: number;
  }>(
    `SELECT key, place, types, last, toFloat64(count() OVER ()) AS groups FROM (
       SELECT key, toString(scope) AS place, arraySort(groupUniqArray(toString(type))) AS types,
         toFloat64(toUnixTimestamp(max(seen))) * 1000 AS last
       FROM attribute_keys GROUP BY key, place)
     ORDER BY key, place LIMIT ${LIMIT}`,
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.groups ?? 0 } }),
    items: rows.map((row) => ({
      key: row.key,
      scope: row.place,
      type: row.types.join('|'),
      lastSeen: new Date(row.last).toISOString(),
    })),
  };
}

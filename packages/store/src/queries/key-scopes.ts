// Where attribute keys occur (on spans, on resources or on both), from the key catalogue, so that a
// filter reads only the map that can hold the key.
import type { Queryable } from '../store.ts';
import { columnKey } from './keys.ts';
import type { KeyScopes } from './where.ts';

/** Looks up the keys that are not promoted columns. A key nobody has seen is missing from the answer. */
export async function keyScopes(store: Queryable, keys: readonly string[]): Promise<KeyScopes> {
  const wanted = [...new Set(keys.filter((key) => columnKey(key) === undefined))];
  if (wanted.length === 0) return new Map();
  const rows = await store.select<{ key: string; scopes: string[] }>(
    'SELECT key, groupUniqArray(toString(scope)) AS scopes FROM attribute_keys WHERE key IN {keys:Array(String)} GROUP BY key',
    { keys: wanted },
  );
  return new Map(
    rows.map((row) => [
      row.key,
      { span: row.scopes.includes('span'), resource: row.scopes.includes('resource') },
    ]),
  );
}

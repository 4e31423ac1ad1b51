import type { AttributeValuesAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';

export interface AttributeValuesOptions {
  /** A name of COUNT_KEYS or an attribute key. */
  readonly key: string;
  /** Only values that begin with this, in any case of letters. */
  readonly prefix?: string | undefined;
  /** 20 when not given. */
  readonly limit?: number | undefined;
}

/** Values of a key in the scope, most spans first; spans without the key do not count. */
export async function attributeValues(
  store: Queryable,
  scope: Scope,
  options: AttributeValuesOptions,
): Promise<AttributeValuesAnswer> {
  const meta = startMeta(store, scope);
  const question = await ask(store, scope, { keys: [options.key] });
  const sql = question.key(options.key);
  const prefix = options.prefix
    ? `AND startsWith(lowerUTF8(text), lowerUTF8(${question.params.bind(options.prefix, 'String')}))`
    : '';
  const limit = options.limit ?? 20;
  const rows = await store.select<{ text: string; total: number; groups: number }>(
    `SELECT text, total, toFloat64(count() OVER ()) AS groups FROM (
       SELECT toString(${sql}) AS text, sum(weight) AS total FROM ${question.spans()}
       WHERE ${question.where()} GROUP BY text HAVING text != '' ${prefix})
     ORDER BY total DESC, text LIMIT ${limit}`,
    question.params.values,
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.groups ?? 0 } }),
    items: rows.map((row) => ({ value: row.text, count: row.total })),
  };
}

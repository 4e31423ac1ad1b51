import type { Queryable, SelectOptions } from '../store.ts';

/**
 * For one answer, whose parts ask some things alike: a statement that comes again with the same values is not run
 * again. Whoever asks gets the same rows, and changes none of them. Of heavy ones, which no two parts share, nothing
 * is kept.
 */
export function askedOnce(store: Queryable): Queryable {
  const asked = new Map<string, Promise<unknown[]>>();
  return {
    select<Row>(sql: string, params: Record<string, unknown> = {}, options: SelectOptions = {}) {
      if (options.heavy) return store.select<Row>(sql, params, options);
      const key = `${sql}\0${JSON.stringify(params)}`;
      let rows = asked.get(key);
      if (!rows) asked.set(key, (rows = store.select(sql, params, options)));
      return rows as Promise<Row[]>;
    },
  };
}

import type { DistinctAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';

const LIMIT = 200;

const LISTS = {
  urls: 'url',
  userAgents: 'userAgent',
  statusCodes: 'statusCode',
  operations: 'operation',
  nodes: 'node',
  upstreamClusters: 'upstreamCluster',
} as const;

/** Distinct HTTP details of all spans in the scope, either side: at most 200 values each, most spans first. */
export async function distinct(store: Queryable, scope: Scope): Promise<DistinctAnswer> {
  const meta = startMeta(store, scope);
  const lists = await Promise.all(
    Object.entries(LISTS).map(async ([name, key]) => [name, await valueList(store, scope, key)]),
  );
  const answer = Object.fromEntries(lists) as Omit<DistinctAnswer, 'meta'>;
  const cut = Object.values(answer).filter((list) => list.total > list.values.length).length;
  return {
    meta: await meta.finish({
      notes: cut > 0 ? [`${cut} lists show their ${LIMIT} most frequent values only`] : [],
    }),
    ...answer,
  };
}

async function valueList(
  store: Queryable,
  scope: Scope,
  key: string,
): Promise<DistinctAnswer['urls']> {
  const question = await ask(store, scope, { keys: [key] });
  const sql = question.key(key);
  const rows = await store.select<{ text: string; total: number; groups: number }>(
    `SELECT text, total, toFloat64(count() OVER ()) AS groups FROM (
       SELECT toString(${sql}) AS text, sum(weight) AS total FROM ${question.spans()}
       WHERE ${question.where()} GROUP BY text HAVING text != '')
     ORDER BY total DESC, text LIMIT ${LIMIT}`,
    question.params.values,
  );
  return {
    total: rows[0]?.groups ?? 0,
    values: rows.map((row) => ({ value: row.text, count: row.total })),
  };
}

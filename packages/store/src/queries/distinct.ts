import type { DistinctAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { effectiveSide } from './effective-side.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';
import { sideCondition, type Side } from './sides.ts';

const LIMIT = 200;

/** What a request is about is taken from the side that answered it, as in counts: callers spell hosts and ports their own way. */
const OF_REQUESTS = { urls: 'url', userAgents: 'userAgent', statusCodes: 'statusCode' } as const;
const OF_SPANS = {
  operations: 'operation',
  nodes: 'node',
  upstreamClusters: 'upstreamCluster',
} as const;

/** Distinct HTTP details of the scope: at most 200 values each, most frequent first. Operations, nodes and upstream clusters are those of all spans. */
export async function distinct(store: Queryable, scope: Scope): Promise<DistinctAnswer> {
  const meta = startMeta(store, scope);
  const { side, notes } = await effectiveSide(store, scope, 'server');
  const listed = (keys: Readonly<Record<string, string>>, of: Side) =>
    Object.entries(keys).map(async ([name, key]) => [name, await valueList(store, scope, key, of)]);
  const lists = await Promise.all([...listed(OF_REQUESTS, side), ...listed(OF_SPANS, 'all')]);
  const answer = Object.fromEntries(lists) as Omit<DistinctAnswer, 'meta'>;
  const cut = Object.values(answer).filter((list) => list.total > list.values.length).length;
  return {
    meta: await meta.finish({
      notes: [
        ...notes,
        ...(cut > 0 ? [`${cut} lists show their ${LIMIT} most frequent values only`] : []),
      ],
    }),
    ...answer,
  };
}

async function valueList(
  store: Queryable,
  scope: Scope,
  key: string,
  side: Side,
): Promise<DistinctAnswer['urls']> {
  const question = await ask(store, scope, { keys: [key] });
  const sql = question.key(key);
  const rows = await store.select<{ text: string; total: number; groups: number }>(
    `SELECT text, total, toFloat64(count() OVER ()) AS groups FROM (
       SELECT toString(${sql}) AS text, sum(weight) AS total FROM ${question.spans()}
       WHERE ${question.where()} AND ${sideCondition(side)} GROUP BY text HAVING text != '')
     ORDER BY total DESC, text LIMIT ${LIMIT}`,
    question.params.values,
  );
  return {
    total: rows[0]?.groups ?? 0,
    values: rows.map((row) => ({ value: row.text, count: row.total })),
  };
}

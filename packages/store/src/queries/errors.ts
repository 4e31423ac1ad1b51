import type { ErrorsAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';
import { LOOKAHEAD_MS, LOOKBACK_MS } from './calls.ts';
import { CLIENT_SIDE, FAILED } from './sides.ts';
import { timeCondition } from './where.ts';

const LIMIT = 200;
const EXAMPLES = 3;

/** Ids, numbers, quoted texts and addresses of a message become placeholders, so that the same fault has one shape. */
const SHAPE_RULES: readonly (readonly [pattern: string, replacement: string])[] = [
  ['\'[^\']*\'|"[^"]*"', '{text}'],
  ['[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', '{id}'],
  ['\\\\b\\\\d{1,3}(\\\\.\\\\d{1,3}){3}(:\\\\d+)?\\\\b', '{address}'],
  ['\\\\b(0x)?[0-9a-fA-F]*\\\\d[0-9a-fA-F]{7,}\\\\b', '{id}'],
  ['\\\\d+(\\\\.\\\\d+)?', '{n}'],
];

interface ErrorRow {
  shape: string;
  type: string;
  origin: string;
  operation: string;
  code: number;
  total: number;
  traces: number;
  first: number;
  last: number;
  affected: string[];
  examples: string[];
  message: string;
  groups: number;
}

/**
 * Failed requests of a scope by what went wrong and where it arose: the deepest failing span, one of whose
 * children did not fail. Filters choose traces: a failed span that meets them draws in the origin of its
 * trace. `affected` are the services with a failed span in those traces. Most frequent first.
 */
export async function errors(store: Queryable, scope: Scope): Promise<ErrorsAnswer> {
  const meta = startMeta(store, scope);
  const question = await ask(store, scope);
  const spans = question.spans();
  const { params } = question;
  const time = timeCondition(scope, params);
  const wide = timeCondition(
    { startMs: scope.startMs - LOOKAHEAD_MS, endMs: scope.endMs + LOOKBACK_MS },
    params,
  );
  const chosen =
    scope.filters.length === 0
      ? '1'
      : `trace_id IN (SELECT trace_id FROM ${spans} WHERE ${time} AND ${FAILED} AND ${question.filters()})`;
  const failed = `SELECT trace_id, span_id, parent_id, start, service, name, http_status, weight, exception_type,
      if(exception_message != '', exception_message, status_message) AS message, ${CLIENT_SIDE} AS is_client
    FROM ${spans} WHERE ${FAILED} AND ${chosen}`;
  const rows = await store.select<ErrorRow>(
    `SELECT *, toFloat64(count() OVER ()) AS groups FROM (
       SELECT shape, toString(exception_type) AS type, toString(service) AS origin, toString(name) AS operation,
         http_status AS code, sum(weight) AS total, toFloat64(uniqExact(trace_id)) AS traces,
         toFloat64(toUnixTimestamp64Milli(min(start))) AS first, toFloat64(toUnixTimestamp64Milli(max(start))) AS last,
         arraySort(groupUniqArrayArray(others)) AS affected,
         arraySlice(arrayMap(t -> t.2, arrayReverseSort(groupUniqArray(${EXAMPLES * 4})((start, lower(hex(trace_id)))))), 1, ${EXAMPLES}) AS examples,
         any(message) AS message
       FROM (
         SELECT x.trace_id AS trace_id, x.start AS start, x.service AS service, x.name AS name, x.http_status AS http_status,
           x.weight AS weight, x.exception_type AS exception_type, x.message AS message, t.others AS others,
           ${shapeSql('message')} AS shape
         FROM (${failed} AND ${time}) AS x
         LEFT ANTI JOIN (SELECT trace_id, parent_id FROM (${failed} AND ${wide}) WHERE notEmpty(parent_id)) AS c
           ON x.trace_id = c.trace_id AND x.span_id = c.parent_id
         LEFT ANY JOIN (SELECT trace_id, span_id, toUInt8(1) AS mark FROM (${failed} AND ${wide}) WHERE NOT is_client) AS z
           ON x.trace_id = z.trace_id AND x.span_id = z.span_id AND toUInt8(x.is_client) = z.mark
         LEFT ANY JOIN (SELECT trace_id, groupUniqArray(toString(service)) AS others FROM (${failed} AND ${wide}) GROUP BY trace_id) AS t
           ON x.trace_id = t.trace_id
         WHERE z.mark = 0)
       GROUP BY shape, type, origin, operation, code)
     ORDER BY total DESC, shape, origin, operation LIMIT ${LIMIT}`,
    params.values,
  );
  return {
    meta: await meta.finish({ cut: { shown: rows.length, total: rows[0]?.groups ?? 0 } }),
    items: rows.map((row) => ({
      shape: row.shape,
      type: row.type,
      service: row.origin,
      operation: row.operation,
      httpStatusCode: row.code,
      count: row.total,
      traces: row.traces,
      firstSeen: new Date(row.first).toISOString(),
      lastSeen: new Date(row.last).toISOString(),
      affected: row.affected.filter((service) => service !== row.origin),
      exampleTraceIds: row.examples,
      exampleMessage: row.message,
    })),
  };
}

function shapeSql(column: string): string {
  return SHAPE_RULES.reduce(
    (sql, [pattern, replacement]) =>
      `replaceRegexpAll(${sql}, '${pattern.replaceAll("'", "\\'")}', '${replacement}')`,
    `substring(${column}, 1, 500)`,
  );
}

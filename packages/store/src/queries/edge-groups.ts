// The calls of a scope summed per caller, callee and what became of them.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { callRows, edgeRowsFromSpans, edgeSumsFromSpans } from './calls.ts';
import { createCallees, externalName } from './callees.ts';
import type { Question } from './question.ts';
import { queryParams } from './query-params.ts';
import { EDGE_KEYS, mergedRows, type EdgeRow } from './edge-rows.ts';
import { edgeSumsOf } from './edge-sums.ts';
import type { Sketch } from './sketch.ts';
import { edgeRows } from './windows.ts';
import { timeCondition } from './where.ts';

export interface Latencies {
  readonly durationSum: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly sketch: Sketch;
}

/** One row of edge_minutes' form, summed over the range, with the callee's name decided. */
export interface EdgeGroup {
  readonly from: string;
  /** Service, or the name of a callee that nobody traces. */
  readonly to: string;
  /** The callee sends spans in this range. */
  readonly traced: boolean;
  readonly toVersion: string;
  readonly peer: string;
  readonly protocol: string;
  readonly subset: string;
  readonly responseFlags: string;
  /** Arrivals: requests that a span of the callee shows. */
  readonly arrivals: number;
  readonly arrivalErrors: number;
  readonly callee: Latencies;
  readonly sent: number;
  readonly received: number;
  readonly byProxy: number;
  readonly unanswered: number;
  readonly unmatched: number;
  readonly clientErrors: number;
  readonly client: Latencies;
}

/**
 * Calls of the scope. A call belongs to the scope when one of its two spans meets all filters; a scope
 * of one service holds the calls from and to it, also those that it never saw.
 */
export async function edgeGroups(store: Queryable, question: Question): Promise<EdgeGroup[]> {
  const only = onlyService(question.scope);
  const [rows, services] = await Promise.all([
    edgeSums(store, question, only !== undefined),
    sendingServices(store, question),
  ]);
  const groups = nameCallees(rows, services);
  return only === undefined
    ? groups
    : groups.filter((group) => group.from === only || group.to === only);
}

/** What windows hold and what spans add are asked apart and put together here: one statement of both takes twice as long to plan. */
async function edgeSums(
  store: Queryable,
  question: Question,
  serviceOnly: boolean,
): Promise<EdgeRow[]> {
  const { params, plan } = question;
  if (question.scope.filters.length > 0 && !serviceOnly)
    return mergedRows(
      await store.select<EdgeRow>(
        edgeSumsFromSpans([question.scope], params, {
          from: question.spans(),
          filter: question.filters(),
        }),
        params.values,
        { heavy: true },
      ),
    );
  const { minutes, raw } = plan.edges;
  const [summed, fresh] = await Promise.all([
    minutes.length === 0
      ? []
      : store.select<EdgeRow>(edgeSumSql(`(${edgeRows({ hours: [], minutes, raw: [] })})`)),
    raw.length === 0 ? [] : edgeSumsOf(store, raw),
  ]);
  return mergedRows(summed, fresh);
}

/** Services that send spans of any kind in the question's range, whatever its filters. */
async function sendingServices(store: Queryable, question: Question): Promise<Set<string>> {
  const params = queryParams();
  const { hours, minutes } = question.plan.redByHour;
  const source =
    hours.length + minutes.length > 0
      ? question.redRows([])
      : `spans WHERE ${timeCondition(question.scope, params)}`;
  const rows = await store.select<{ service: string }>(
    `SELECT DISTINCT toString(service) AS service FROM ${source}`,
    params.values,
  );
  return new Set(rows.map((row) => row.service));
}

/** The service of a scope that has no other filter; undefined for any other scope. */
export function onlyService(scope: Scope): string | undefined {
  const [filter, ...others] = scope.filters;
  if (!filter || others.length > 0 || filter.operator !== '=') return undefined;
  return filter.key === 'service' || filter.key === 'service.name' ? filter.value : undefined;
}

/** Subquery of rows in edge_minutes' form of the calls that nobody answered for: from windows where the filters allow it, else from spans. */
export function lostRows(question: Question, serviceOnly: boolean): string {
  if (question.scope.filters.length === 0 || serviceOnly)
    return question.edgeRows({ lostOnly: true });
  return `(${edgeRowsFromSpans([question.scope], question.params, {
    from: question.spans(),
    filter: question.filters(),
    lostOnly: true,
  })})`;
}

/** callRows of the question's scope, filters included. */
export function scopeCallRows(
  question: Question,
  range: { startMs: number; endMs: number } = question.scope,
  options: { lostOnly?: boolean } = {},
): string {
  return callRows([range], question.params, {
    from: question.spans(),
    filter: question.filters(),
    ...options,
  });
}

function edgeSumSql(source: string): string {
  const bounds = (prefix: string, map: string) => `
    toFloat64(minIf(${prefix}duration_min, notEmpty(${map}latency_buckets))) AS ${prefix}dmin,
    toFloat64(max(${prefix}duration_max)) AS ${prefix}dmax`;
  const keys = EDGE_KEYS.join(', ');
  return `SELECT ${keys}, r AS requests, e AS errors, ds AS duration_sum, dmin AS duration_min, dmax AS duration_max,
      latency, s AS sent, rec AS received, bp AS by_proxy, un AS unanswered, um AS unmatched, ce AS client_errors,
      cds AS client_duration_sum, client_dmin AS client_duration_min, client_dmax AS client_duration_max, client_latency
    FROM (
      SELECT ${keys}, sum(requests) AS r, sum(errors) AS e, sum(duration_sum) AS ds, ${bounds('', '')},
        sumMap(latency_buckets, latency_weights) AS latency,
        sum(sent) AS s, sum(received) AS rec, sum(by_proxy) AS bp, sum(unanswered) AS un, sum(unmatched) AS um,
        sum(client_errors) AS ce, sum(client_duration_sum) AS cds, ${bounds('client_', 'client_')},
        sumMap(client_latency_buckets, client_latency_weights) AS client_latency
      FROM ${source}
      GROUP BY ${keys}
    )`;
}

function nameCallees(rows: readonly EdgeRow[], services: ReadonlySet<string>): EdgeGroup[] {
  const callees = createCallees(
    services,
    rows
      .filter((row) => row.to_service !== '' && row.received > 0)
      .map((row) => ({ peer: row.peer, service: row.to_service, weight: row.received })),
  );
  return rows.map((row) => {
    const service = row.to_service === '' ? callees.resolve(row.peer) : row.to_service;
    return {
      from: row.from_service,
      to: service ?? externalName(row.peer, row.protocol),
      traced: service !== undefined,
      toVersion: row.to_version,
      peer: row.peer,
      protocol: row.protocol,
      subset: row.subset,
      responseFlags: row.response_flags,
      arrivals: row.requests,
      arrivalErrors: row.errors,
      callee: {
        durationSum: row.duration_sum,
        minNs: row.duration_min,
        maxNs: row.duration_max,
        sketch: { buckets: row.latency[0], weights: row.latency[1] },
      },
      sent: row.sent,
      received: row.received,
      byProxy: row.by_proxy,
      unanswered: row.unanswered,
      unmatched: row.unmatched,
      clientErrors: row.client_errors,
      client: {
        durationSum: row.client_duration_sum,
        minNs: row.client_duration_min,
        maxNs: row.client_duration_max,
        sketch: { buckets: row.client_latency[0], weights: row.client_latency[1] },
      },
    };
  });
}

// Spans whose parent never came: a hole in the trace, whoever made it.
import type { LostAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { LOOKAHEAD_MS, LOOKBACK_MS, SETTLED } from './calls.ts';
import type { Question } from './question.ts';
import { sliceCondition, slicesOf, type TraceSlice } from './trace-slices.ts';
import { timeCondition } from './where.ts';

/** A join of so many spans holds some 200 MB. */
const SPANS_AT_ONCE = 2_000_000;

interface ServiceOrphans {
  service: string;
  count: number;
  all: number;
  traces: string[];
}

/**
 * Orphans of the scope with their share of its spans; parents are looked for an hour back and five minutes
 * ahead. A span that has just ended is none yet: its parent ends, and is sent, later.
 */
export async function orphanSpans(
  store: Queryable,
  question: Question,
  spansAtOnce = SPANS_AT_ONCE,
): Promise<LostAnswer['orphanSpans']> {
  const select = <Row>(sql: string, heavy = true) => store.select<Row>(sql, {}, { heavy });
  const found: ServiceOrphans[] = [];
  for (const slice of await slicesOf(select, [question.scope], spansAtOnce))
    found.push(...(await orphansOf(store, question, slice)));
  const sumOf = (rows: readonly ServiceOrphans[], key: 'count' | 'all') =>
    rows.reduce((sum, row) => sum + row[key], 0);
  const byService = [...new Set(found.map(({ service }) => service))].map((service) => {
    const rows = found.filter((row) => row.service === service);
    return { service, count: sumOf(rows, 'count'), traces: rows.flatMap((row) => row.traces) };
  });
  byService.sort((a, b) => b.count - a.count || (a.service < b.service ? -1 : 1));
  const [count, all] = [sumOf(found, 'count'), sumOf(found, 'all')];
  return {
    count,
    ratio: all > 0 ? count / all : 0,
    byService: byService
      .filter((row) => row.count > 0)
      .map(({ service, count: orphans }) => ({ service, count: orphans })),
    exampleTraceIds: byService.flatMap((row) => row.traces.slice(0, 3)).slice(0, 5),
  };
}

async function orphansOf(
  store: Queryable,
  question: Question,
  traces: TraceSlice,
): Promise<ServiceOrphans[]> {
  const wide = {
    startMs: question.scope.startMs - LOOKBACK_MS,
    endMs: question.scope.endMs + LOOKAHEAD_MS,
  };
  const slice = sliceCondition(traces) || '1';
  // A parent that came twice is found as well: only the spans that are counted have to be counted once.
  return store.select<ServiceOrphans>(
    `SELECT toString(service) AS service, sumIf(weight, orphan) AS count, sum(weight) AS all,
       groupUniqArrayIf(3)(lower(hex(trace_id)), orphan) AS traces
     FROM (
       SELECT x.trace_id AS trace_id, x.service AS service, x.weight AS weight, notEmpty(x.parent_id) AND x.settled AND NOT p.found AS orphan
       FROM (SELECT trace_id, parent_id, service, weight, ${SETTLED} AS settled FROM ${question.spans()} WHERE ${question.where()} AND ${slice}) AS x
       LEFT ANY JOIN (SELECT trace_id, span_id, 1 AS found FROM spans WHERE ${timeCondition(wide, question.params)} AND ${slice}) AS p
       ON x.trace_id = p.trace_id AND x.parent_id = p.span_id
     )
     GROUP BY service`,
    question.params.values,
    { heavy: true },
  );
}

// Spans whose parent never came: a hole in the trace, whoever made it.
import type { LostAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { LOOKAHEAD_MS, LOOKBACK_MS, SETTLED } from './calls.ts';
import type { Question } from './question.ts';
import { timeCondition } from './where.ts';

/**
 * Orphans of the scope with their share of its spans; parents are looked for an hour back and five minutes
 * ahead. A span that has just ended is none yet: its parent ends, and is sent, later.
 */
export async function orphanSpans(
  store: Queryable,
  question: Question,
): Promise<LostAnswer['orphanSpans']> {
  const wide = {
    startMs: question.scope.startMs - LOOKBACK_MS,
    endMs: question.scope.endMs + LOOKAHEAD_MS,
  };
  const spans = question.spans();
  const rows = await store.select<{
    service: string;
    count: number;
    all: number;
    traces: string[];
  }>(
    `SELECT toString(service) AS service, sumIf(weight, orphan) AS count, sum(weight) AS all,
       groupUniqArrayIf(3)(lower(hex(trace_id)), orphan) AS traces
     FROM (
       SELECT x.trace_id AS trace_id, x.service AS service, x.weight AS weight, notEmpty(x.parent_id) AND x.settled AND NOT p.found AS orphan
       FROM (SELECT trace_id, parent_id, service, weight, ${SETTLED} AS settled FROM ${spans} WHERE ${question.where()}) AS x
       LEFT ANY JOIN (SELECT trace_id, span_id, 1 AS found FROM ${spans} WHERE ${timeCondition(wide, question.params)}) AS p
       ON x.trace_id = p.trace_id AND x.parent_id = p.span_id
     )
     GROUP BY service ORDER BY count DESC, service`,
    question.params.values,
  );
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const all = rows.reduce((sum, row) => sum + row.all, 0);
  return {
    count,
    ratio: all > 0 ? count / all : 0,
    byService: rows
      .filter((row) => row.count > 0)
      .map(({ service, count: n }) => ({ service, count: n })),
    exampleTraceIds: rows.flatMap((row) => row.traces).slice(0, 5),
  };
}

import type { CriticalPathAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';
import { queryParams } from './query-params.ts';
import { SERVER_SIDE } from './sides.ts';
import { tracesCondition } from './trace-lookup.ts';
import {
  hostsOf,
  RAW_SPAN_COLUMNS,
  rawSpan,
  resourcesOf,
  type RawSpan,
  type RawSpanRow,
} from './trace-spans.ts';
import { criticalParts, traceTree } from './trace-tree.ts';

export interface CriticalPathOptions {
  /** Name of the front end's span. */
  readonly operation?: string | undefined;
  /** Traces looked at, newest first; 2000 when not given. */
  readonly limit?: number | undefined;
}

/** At most this many spans are held in memory. */
const MAX_SPANS = 400_000;
const CHUNK = 500;

interface Front {
  readonly traceId: string;
  readonly spanId: string;
  readonly kind: number;
}

interface Share {
  service: string;
  operation: string;
  ns: number;
  traces: Set<string>;
  worst: { ns: number; traceId: string };
}

/**
 * Which operation's own time makes up how much of a front end's latency. The front end's spans are the
 * server-side spans (or roots) that meet the scope and operation; without any filter the traces' roots.
 */
export async function criticalPath(
  store: Queryable,
  scope: Scope,
  options: CriticalPathOptions = {},
): Promise<CriticalPathAnswer> {
  const meta = startMeta(store, scope);
  const limit = options.limit ?? 2000;
  const { fronts, total } = await frontSpans(store, scope, options.operation, limit);
  const shares = new Map<string, Share>();
  const names = new Map<string, number>();
  let durations = 0;
  let weights = 0;
  let looked = 0;
  let held = 0;
  for (let at = 0; at < fronts.length && held < MAX_SPANS; at += CHUNK) {
    const chunk = fronts.slice(at, at + CHUNK);
    const traces = await loadTraces(
      store,
      chunk.map((front) => front.traceId),
    );
    for (const front of chunk) {
      const spans = traces.get(front.traceId) ?? [];
      held += spans.length;
      const node = traceTree(spans).ordered.find(
        (one) => one.span.spanId === front.spanId && one.span.kind === front.kind,
      );
      if (!node) continue;
      looked++;
      const { weight } = node.span;
      const name = `${node.span.service} ${node.span.name}`;
      names.set(name, (names.get(name) ?? 0) + weight);
      durations += weight * node.span.durationNs;
      weights += weight;
      for (const part of criticalParts(node)) addPart(shares, part, weight, front.traceId);
    }
  }
  const root = [...names].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  const mean = weights > 0 ? durations / weights : 0;
  return {
    meta: await meta.finish({
      cut: { shown: looked, total },
      notes:
        names.size > 1
          ? [`${names.size} different front-end operations are mixed; root names the most frequent`]
          : [],
    }),
    root,
    traces: looked,
    avgDurationNs: mean,
    items: [...shares.values()]
      .map((share) => ({
        service: share.service,
        operation: share.operation,
        avgNs: weights > 0 ? share.ns / weights : 0,
        ratio: durations > 0 ? share.ns / durations : 0,
        traces: share.traces.size,
        exampleTraceId: share.worst.traceId,
      }))
      .toSorted((a, b) => b.avgNs - a.avgNs),
  };
}

function addPart(
  shares: Map<string, Share>,
  part: ReturnType<typeof criticalParts>[number],
  weight: number,
  traceId: string,
): void {
  const { service, name } = part.node.span;
  const key = JSON.stringify([service, name]);
  const ns = part.toNs - part.fromNs;
  const share: Share = shares.get(key) ?? {
    service,
    operation: name,
    ns: 0,
    traces: new Set(),
    worst: { ns: -1, traceId },
  };
  share.ns += weight * ns;
  share.traces.add(traceId);
  if (ns > share.worst.ns) share.worst = { ns, traceId };
  shares.set(key, share);
}

async function frontSpans(
  store: Queryable,
  scope: Scope,
  operation: string | undefined,
  limit: number,
): Promise<{ fronts: Front[]; total: number }> {
  const question = await ask(store, scope);
  const name =
    operation === undefined ? '' : `AND name = ${question.params.bind(operation, 'String')}`;
  const isFiltered = scope.filters.length > 0 || operation !== undefined;
  const side = isFiltered ? `(${SERVER_SIDE} OR empty(parent_id))` : 'empty(parent_id)';
  const rows = await store.select<{ trace: string; id: string; span_kind: number; total: number }>(
    `SELECT lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS id, kind AS span_kind, toFloat64(count() OVER ()) AS total
     FROM (
       SELECT trace_id, span_id, kind, start FROM ${question.spans()} WHERE ${question.where()} AND ${side} ${name}
       ORDER BY start LIMIT 1 BY trace_id)
     ORDER BY start DESC, trace_id LIMIT ${limit}`,
    question.params.values,
  );
  return {
    fronts: rows.map((row) => ({ traceId: row.trace, spanId: row.id, kind: row.span_kind })),
    total: rows[0]?.total ?? 0,
  };
}

async function loadTraces(
  store: Queryable,
  ids: readonly string[],
): Promise<Map<string, RawSpan[]>> {
  const params = queryParams();
  const rows = await store.select<RawSpanRow>(
    `SELECT ${RAW_SPAN_COLUMNS} FROM spans FINAL WHERE ${tracesCondition(ids, params)}`,
    params.values,
  );
  const hosts = hostsOf(await resourcesOf(store, rows));
  const traces = new Map<string, RawSpan[]>();
  for (const row of rows) {
    const span = rawSpan(row, hosts);
    const list = traces.get(span.traceId);
    if (list) list.push(span);
    else traces.set(span.traceId, [span]);
  }
  return traces;
}

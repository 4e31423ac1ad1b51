// Rates per edge: calls are joined span by span, so that any step width and any filter works.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { LOOKBACK_MS } from './calls.ts';
import { edgeGroups, scopeCallRows } from './edge-groups.ts';
import { callsOf } from './assemble-edges.ts';
import { flowSql, type FlowRow } from './flow.ts';
import { ask } from './question.ts';
import { REST, type FoundRates } from './rate-cells.ts';
import { bucketSql, percentile } from './sketch.ts';
import type { Steps } from './steps.ts';

interface CallCell extends FlowRow {
  requests: number;
  errors: number;
  minNs: number;
  maxNs: number;
  sketch: [number[], number[]];
}

/** Series `from → to` of the calls that start in each step, timed by the callee, or the caller where no callee saw it. */
export async function callRates(
  store: Queryable,
  scope: Scope,
  steps: Steps,
  limit: number,
): Promise<FoundRates> {
  const groups = await edgeGroups(store, await ask(store, scope));
  const sums = new Map<string, number>();
  for (const group of groups) {
    const key = `${group.from} → ${group.to}`;
    sums.set(key, (sums.get(key) ?? 0) + callsOf(group));
  }
  const ordered = [...sums].toSorted((a, b) => b[1] - a[1]).map(([key]) => key);
  const shown = ordered.slice(0, limit);
  const cells = await callCells(store, scope, steps, groups, shown);
  return {
    keys: ordered.length > limit ? [...shown, REST] : shown,
    cells: cells
      .filter((cell) => cell.requests > 0)
      .map((cell) => {
        const sketch = { buckets: cell.sketch[0], weights: cell.sketch[1] };
        return {
          key: cell.key,
          step: cell.step,
          requests: cell.requests,
          errors: cell.errors,
          p50Ns: percentile(sketch, 0.5, cell),
          p95Ns: percentile(sketch, 0.95, cell),
          p99Ns: percentile(sketch, 0.99, cell),
        };
      }),
    flow: cells,
    sampled: false,
  };
}

type Groups = Awaited<ReturnType<typeof edgeGroups>>;

async function callCells(
  store: Queryable,
  scope: Scope,
  steps: Steps,
  groups: Groups,
  shown: readonly string[],
): Promise<CallCell[]> {
  const wide = { ...scope, startMs: scope.startMs - LOOKBACK_MS };
  const question = await ask(store, wide);
  const sql = flowSql(
    { ...question, scope },
    {
      steps,
      key: 'key',
      condition: '1',
      source: namedCalls(question, wide, groups, shown),
      carry: 'is_failed',
      figures: `sumIf(weight, started) AS requests, sumIf(weight, started AND is_failed) AS errors,
        toFloat64(minIf(ns, started)) AS minNs, toFloat64(maxIf(ns, started)) AS maxNs,
        sumMapIf([${bucketSql('ns')}], [weight], started) AS sketch`,
    },
  );
  return store.select<CallCell>(sql, question.params.values, { heavy: true });
}

/** Calls with their edge's name: the callee's service, or what the peer was resolved to. */
function namedCalls(
  question: Awaited<ReturnType<typeof ask>>,
  range: { startMs: number; endMs: number },
  groups: Groups,
  shown: readonly string[],
): string {
  // The first pair keeps the list from being empty, which transform() refuses.
  const unresolved = groups.filter((group) => group.arrivals === 0 && group.received === 0);
  const peers = question.params.bind(
    ['', ...unresolved.map((group) => `${group.peer}\u0000${group.protocol}`)],
    'Array(String)',
  );
  const names = question.params.bind(
    ['unknown', ...unresolved.map((group) => group.to)],
    'Array(String)',
  );
  const tops = question.params.bind(shown, 'Array(String)');
  return `SELECT if(has(${tops}, edge), edge, '${REST}') AS key, at_ms, ns, weight, is_failed FROM (
      SELECT concat(toString(from_service), ' → ', if(to_service != '', toString(to_service),
          transform(concat(toString(peer), char(0), toString(protocol)), ${peers}, ${names}, 'unknown'))) AS edge,
        toUnixTimestamp64Nano(at) / 1e6 AS at_ms, ifNull(coalesce(callee_ns, client_ns), 0) AS ns, weight,
        if(arrival = 1, failed, client_failed) AS is_failed
      FROM (${scopeCallRows(question, range)})
      WHERE arrival = 1 OR outcome != 'received')`;
}

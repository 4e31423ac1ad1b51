import type { LostAnswer, LostEdge, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { edgeGroups, lostRows, onlyService, scopeCallRows, type EdgeGroup } from './edge-groups.ts';
import { startMeta } from './meta.ts';
import { orphanSpans } from './orphan-spans.ts';
import { ask } from './question.ts';

const EXAMPLES = 3;
const EXAMPLE_MINUTES = 10;

/** What became of every request that was sent, per edge; orphan spans; spans that the collector refused. */
export async function lost(source: Queryable, scope: Scope): Promise<LostAnswer> {
  const store = askedOnce(source);
  const meta = startMeta(store, scope);
  const question = await ask(store, scope, { resolutionMs: 60_000 });
  const [groups, orphans, refusals] = await Promise.all([
    edgeGroups(store, question),
    orphanSpans(store, question),
    refusedSpans(store, scope),
  ]);
  const isLossy = groups.some((group) => group.unmatched + group.unanswered > 0);
  const examples = isLossy ? await exampleTraces(store, scope) : new Map<string, string[]>();
  const items = assembleLost(groups, examples);
  return {
    meta: await meta.finish(),
    items,
    orphanSpans: orphans,
    refusedSpans: refusals,
    coverage: coverageOf({
      received: sum(items, (item) => item.received),
      lost: sum(items, (item) => item.lost),
      unanswered: sum(items, (item) => item.unanswered),
    }),
  };
}

/** Edges by what became of their requests, most lost first. Pure. */
export function assembleLost(
  groups: readonly EdgeGroup[],
  examples: ReadonlyMap<string, readonly string[]> = new Map(),
): LostEdge[] {
  const byEdge = new Map<string, EdgeGroup[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.from, group.to]);
    byEdge.set(key, [...(byEdge.get(key) ?? []), group]);
  }
  return [...byEdge.values()]
    .map((list) => oneEdge(list, examples))
    .filter((edge) => edge.sent > 0)
    .toSorted(
      (a, b) =>
        b.lost + b.unanswered - (a.lost + a.unanswered) ||
        b.sent - a.sent ||
        (a.from + a.to < b.from + b.to ? -1 : 1),
    );
}

function oneEdge(
  groups: readonly EdgeGroup[],
  examples: ReadonlyMap<string, readonly string[]>,
): LostEdge {
  const first = groups[0]!;
  const flags = new Map<string, number>();
  for (const group of groups)
    if (group.byProxy > 0)
      flags.set(group.responseFlags, (flags.get(group.responseFlags) ?? 0) + group.byProxy);
  const figures = {
    sent: sum(groups, (group) => group.sent),
    received: sum(groups, (group) => group.received),
    lost: sum(groups, (group) => (group.traced ? group.unmatched : 0)),
    unanswered: sum(groups, (group) => group.unanswered),
    answeredByProxy: sum(groups, (group) => group.byProxy),
    untraced: sum(groups, (group) => (group.traced ? 0 : group.unmatched)),
  };
  return {
    from: first.from,
    to: first.to,
    ...figures,
    proxyFlags: [...flags]
      .map(([flag, count]) => ({ flag, count }))
      .toSorted((a, b) => b.count - a.count),
    coverage: coverageOf(figures),
    exampleTraceIds: [
      ...new Set(groups.flatMap((group) => examples.get(exampleKey(group.from, group.peer)) ?? [])),
    ].slice(0, EXAMPLES),
  };
}

function coverageOf(figures: { received: number; lost: number; unanswered: number }) {
  const judged = figures.received + figures.lost + figures.unanswered;
  return judged > 0 ? figures.received / judged : null;
}

function exampleKey(from: string, peer: string): string {
  return JSON.stringify([from, peer]);
}

/** A few traces per caller and peer, from the newest minutes in which something got lost. */
async function exampleTraces(store: Queryable, scope: Scope): Promise<Map<string, string[]>> {
  const question = await ask(store, scope, { resolutionMs: 60_000 });
  const source = lostRows(question, onlyService(scope) !== undefined);
  const minutes = await store.select<{ minuteMs: number }>(
    `SELECT toFloat64(toUnixTimestamp(m)) * 1000 AS minuteMs FROM (
       SELECT from_service, peer, max(minute) AS m FROM ${source}
       WHERE unmatched + unanswered > 0 GROUP BY from_service, peer)
     GROUP BY minuteMs ORDER BY count() DESC LIMIT ${EXAMPLE_MINUTES}`,
    question.params.values,
    { heavy: true },
  );
  const found = new Map<string, string[]>();
  for (const { minuteMs } of minutes) {
    const rows = await minuteExamples(store, scope, minuteMs);
    for (const row of rows) {
      const key = exampleKey(row.from_service, row.peer);
      found.set(key, [...(found.get(key) ?? []), row.trace]);
    }
  }
  return found;
}

async function minuteExamples(
  store: Queryable,
  scope: Scope,
  minuteMs: number,
): Promise<{ from_service: string; peer: string; trace: string }[]> {
  const range = {
    startMs: Math.max(minuteMs, scope.startMs),
    endMs: Math.min(minuteMs + 60_000, scope.endMs),
  };
  const question = await ask(store, { ...scope, ...range });
  return store.select(
    `SELECT from_service, peer, lower(hex(trace_id)) AS trace FROM (${scopeCallRows(question, range, { lostOnly: true })})
     WHERE outcome IN ('unmatched', 'unanswered')
     ORDER BY at DESC, trace LIMIT ${EXAMPLES} BY from_service, peer`,
    question.params.values,
    { heavy: true },
  );
}

async function refusedSpans(store: Queryable, scope: Scope): Promise<LostAnswer['refusedSpans']> {
  const byReason = await store.select<{ source: string; reason: string; count: number }>(
    `SELECT toString(source) AS source, toString(reason) AS reason, toFloat64(sum(count)) AS count FROM refusals
     WHERE signal = 'traces' AND time >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
     GROUP BY source, reason ORDER BY count DESC, source, reason`,
    { start: Math.floor(scope.startMs), end: Math.floor(scope.endMs) },
  );
  return { count: sum(byReason, (row) => row.count), byReason };
}

function sum<T>(list: readonly T[], pick: (item: T) => number): number {
  return list.reduce((total, item) => total + pick(item), 0);
}

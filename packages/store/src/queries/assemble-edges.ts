// Edge groups -> the arrows of the graph. Pure.
import type { GraphEdge, Latency } from '@clover/model';
import type { EdgeGroup, Latencies } from './edge-groups.ts';
import type { RatedRange } from './rated-range.ts';
import { latencyOf, mergeSketches } from './sketch.ts';

/**
 * One edge per caller and callee, most requests first. `requests` are all calls: those that arrived and
 * those that did not (lost, unanswered, answered by a proxy, untraced). An error is a call that failed
 * on either side. Rates are over `rated`. `latency` is the callee's, or the caller's where no callee's span shows it.
 */
export function assembleEdges(groups: readonly EdgeGroup[], rated: RatedRange): GraphEdge[] {
  const byEdge = new Map<string, EdgeGroup[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.from, group.to]);
    const list = byEdge.get(key);
    if (list) list.push(group);
    else byEdge.set(key, [group]);
  }
  return [...byEdge.values()]
    .map((list) => oneEdge(list, rated))
    .toSorted(
      (a, b) => b.requests - a.requests || compareText(a.from, b.from) || compareText(a.to, b.to),
    );
}

/** Calls that a group stands for: arrivals, and client-side spans that no arrival shows. */
export function callsOf(group: EdgeGroup): number {
  return group.arrivals + notReceived(group);
}

/** Failed calls of a group, seen from either side. */
export function failedOf(group: EdgeGroup): number {
  return group.arrivalErrors + (notReceived(group) > 0 ? group.clientErrors : 0);
}

/** Percentiles over several groups' latencies; null when there are none. */
export function mergedLatency(latencies: readonly Latencies[]): Latency | null {
  const some = latencies.filter((one) => one.sketch.buckets.length > 0);
  if (some.length === 0) return null;
  const sketch = mergeSketches(some.map((one) => one.sketch));
  return latencyOf(sketch, {
    durationSum: some.reduce((sum, one) => sum + one.durationSum, 0),
    requests: sketch.weights.reduce((sum, weight) => sum + weight, 0),
    minNs: Math.min(...some.map((one) => one.minNs)),
    maxNs: Math.max(...some.map((one) => one.maxNs)),
  });
}

/** Calls of a group that no callee's span answers for. */
export function notReceived(group: EdgeGroup): number {
  return group.byProxy + group.unanswered + group.unmatched;
}

function oneEdge(groups: readonly EdgeGroup[], rated: RatedRange): GraphEdge {
  const first = groups[0]!;
  const requests = total(groups, callsOf);
  const errors = total(groups, failedOf);
  const clientLatency = mergedLatency(groups.map((group) => group.client));
  return {
    from: first.from,
    to: first.to,
    protocol: dominant(groups, (group) => group.protocol),
    requests,
    errors,
    errorRatio: requests > 0 ? errors / requests : 0,
    ratePerSecond: requests / ((rated.endMs - rated.startMs) / 1000),
    latency: mergedLatency(groups.map((group) => group.callee)) ?? clientLatency,
    clientLatency,
    subsets: split(groups, (group) => group.subset).map(({ key, ...rest }) => ({
      subset: key,
      ...rest,
    })),
    toVersions: split(groups, (group) => group.toVersion).map(({ key, ...rest }) => ({
      version: key,
      ...rest,
    })),
    lost: total(groups, (group) => (group.traced ? group.unmatched : 0)),
    answeredByProxy: total(groups, (group) => group.byProxy),
  };
}

function split(groups: readonly EdgeGroup[], pick: (group: EdgeGroup) => string) {
  const sums = new Map<string, { key: string; requests: number; errors: number }>();
  for (const group of groups) {
    const key = pick(group);
    if (key === '') continue;
    const sum = sums.get(key) ?? { key, requests: 0, errors: 0 };
    sum.requests += callsOf(group);
    sum.errors += failedOf(group);
    sums.set(key, sum);
  }
  return [...sums.values()]
    .filter((sum) => sum.requests > 0)
    .toSorted((a, b) => compareText(a.key, b.key));
}

function dominant(groups: readonly EdgeGroup[], pick: (group: EdgeGroup) => string): string {
  const weights = new Map<string, number>();
  for (const group of groups)
    weights.set(pick(group), (weights.get(pick(group)) ?? 0) + callsOf(group));
  weights.delete('');
  return [...weights].toSorted((a, b) => b[1] - a[1] || compareText(a[0], b[0]))[0]?.[0] ?? '';
}

function total(groups: readonly EdgeGroup[], pick: (group: EdgeGroup) => number): number {
  return groups.reduce((sum, group) => sum + pick(group), 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

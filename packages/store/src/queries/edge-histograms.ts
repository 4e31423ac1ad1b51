import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { callsOf, failedOf, notReceived } from './assemble-edges.ts';
import { edgeGroups, type EdgeGroup, type Latencies } from './edge-groups.ts';
import { ask } from './question.ts';
import { bucketEstimate } from './sketch.ts';

export interface Bins {
  /** One per bound, not cumulated, and one for what lies above the last. */
  readonly counts: readonly number[];
  readonly sumNs: number;
}

export interface EdgeHistogram {
  readonly from: string;
  readonly to: string;
  /** The callee sends no spans of its own. */
  readonly external: boolean;
  readonly protocol: string;
  readonly requests: number;
  readonly failed: number;
  /** Client-side spans that no callee's span answers for, whatever became of their requests. */
  readonly unpaired: number;
  /** As the callee saw it, and as the caller did. */
  readonly server: Bins;
  readonly client: Bins;
}

/** The calls of `edges` with their durations sorted into bins (`boundsNs` ascending); an edge's bounds are off by at most 1 %. */
export async function edgeHistograms(
  store: Queryable,
  scope: Scope,
  boundsNs: readonly number[],
): Promise<EdgeHistogram[]> {
  const groups = await edgeGroups(store, await ask(store, scope));
  const byEdge = new Map<string, EdgeGroup[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.from, group.to]);
    const known = byEdge.get(key);
    if (known) known.push(group);
    else byEdge.set(key, [group]);
  }
  return [...byEdge.values()].map((list) => ({
    from: list[0]!.from,
    to: list[0]!.to,
    external: !list.some((group) => group.traced),
    protocol: list.find((group) => group.protocol !== '')?.protocol ?? '',
    requests: list.reduce((sum, group) => sum + callsOf(group), 0),
    failed: list.reduce((sum, group) => sum + failedOf(group), 0),
    unpaired: list.reduce((sum, group) => sum + notReceived(group), 0),
    server: bins(
      list.map((group) => group.callee),
      boundsNs,
    ),
    client: bins(
      list.map((group) => group.client),
      boundsNs,
    ),
  }));
}

function bins(latencies: readonly Latencies[], boundsNs: readonly number[]): Bins {
  const counts = Array.from({ length: boundsNs.length + 1 }, () => 0);
  let sumNs = 0;
  for (const { sketch, durationSum } of latencies) {
    sumNs += durationSum;
    for (const [i, bucket] of sketch.buckets.entries()) {
      const value = bucketEstimate(bucket);
      const place = boundsNs.findIndex((bound) => value <= bound);
      counts[place === -1 ? boundsNs.length : place]! += sketch.weights[i]!;
    }
  }
  return { counts, sumNs };
}

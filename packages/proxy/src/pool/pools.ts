// Every endpoint's pool stands in its slot; here is how one finds it, and all of them.

import type { Cluster, Endpoint } from '../upstream/cluster.ts';
import { EndpointPool, type PoolOptions } from './endpoint-pool.ts';

const pools = new WeakMap<PoolOptions, Set<EndpointPool>>();

/** The pool of an endpoint, made at its first request. */
export function poolOf(cluster: Cluster, endpoint: Endpoint, options: PoolOptions): EndpointPool {
  const known = endpoint.slot;
  if (known instanceof EndpointPool && known.cluster === cluster) return known;
  const pool = new EndpointPool(cluster, endpoint, options);
  endpoint.slot = pool;
  let all = pools.get(options);
  if (all === undefined) pools.set(options, (all = new Set()));
  all.add(pool);
  return pool;
}

/** An endpoint is no longer used: what is under way there comes to its end. */
export function releaseEndpoint(endpoint: Endpoint): void {
  if (endpoint.slot instanceof EndpointPool) endpoint.slot.drain();
}

/** Ends what was idle too long. */
export function sweepPools(options: PoolOptions): void {
  const all = pools.get(options);
  if (all === undefined) return;
  const now = options.now();
  for (const pool of all) {
    pool.sweep(now);
    if (pool.size > 0) continue;
    all.delete(pool);
    const { endpoint } = pool;
    if (endpoint.slot === pool) endpoint.slot = undefined;
  }
}

/** Ends all connections of all pools. */
export function closePools(options: PoolOptions): void {
  for (const pool of pools.get(options) ?? []) pool.close();
  pools.delete(options);
}

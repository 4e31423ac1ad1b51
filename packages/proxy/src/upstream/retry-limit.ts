// How many retries of a cluster may be under way at a time.

import type { Cluster } from './cluster.ts';

/** As Envoy's resource manager has it (`RetryBudgetImpl::max` in source/common/upstream/resource_manager_impl.h). */
export function retryLimit({ limits, requests }: Pick<Cluster, 'limits' | 'requests'>): number {
  const { retryBudget, maxRetries } = limits;
  if (retryBudget === undefined) return maxRetries;
  const { percent, minRetryConcurrency } = retryBudget;
  return Math.max(Math.trunc((percent / 100) * requests), minRetryConcurrency);
}

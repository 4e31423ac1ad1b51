// One way to choose among endpoints. A cluster gives it the endpoints that may be chosen, again whenever they change.

import type { LoadBalancing } from '@clover/traffic';
import type { HashInput } from '../cluster.ts';
import { requestHash } from '../hash-key.ts';
import type { UpstreamEndpoint } from '../upstream-endpoint.ts';
import { hashBalancer } from './hash-balancer.ts';
import { leastRequest } from './least-request.ts';
import { buildMaglev } from './maglev.ts';
import { randomBalancer } from './random.ts';
import { buildRing } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';

export interface Balancer {
  /** Whether `pick` wants a request to look at; then a retry may go to the same endpoint. */
  readonly hashes: boolean;
  /** Takes the endpoints to choose from. */
  use(endpoints: readonly UpstreamEndpoint[]): void;
  /** Undefined when there are none. */
  pick(hash: HashInput | undefined): UpstreamEndpoint | undefined;
}

export interface BalancerOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** 0 to below 1. */
  readonly random: () => number;
}

export function createBalancer(policy: LoadBalancing, options: BalancerOptions): Balancer {
  switch (policy.kind) {
    case 'roundRobin':
      return roundRobin(policy.warmup, options);
    case 'random':
      return randomBalancer(options);
    case 'ringHash':
      return hashBalancer(
        requestHash(policy.key),
        (endpoints) => buildRing(endpoints, policy.minimumSize),
        options,
      );
    case 'maglev':
      return hashBalancer(
        requestHash(policy.key),
        (endpoints) => buildMaglev(endpoints, policy.tableSize),
        options,
      );
    case 'leastRequest':
    case 'passthrough':
      return leastRequest(policy.kind === 'leastRequest' ? policy.warmup : undefined, options);
  }
}

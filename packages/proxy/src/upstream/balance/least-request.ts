import type { Warmup } from '@clover/traffic';
import type { Balancer, BalancerOptions } from './balancer.ts';
import { weighted } from './weighted.ts';

/** The less busy of two random endpoints; where weights differ, in turn by weight / (active + 1). */
export function leastRequest(warmup: Warmup | undefined, options: BalancerOptions): Balancer {
  const { random } = options;
  return weighted(
    {
      pickAlike(hosts) {
        const one = hosts[Math.floor(random() * hosts.length)]!;
        const other = hosts[Math.floor(random() * hosts.length)]!;
        return other.active < one.active ? other : one;
      },
      weight: (one) => one.spec.weight / (one.active + 1),
    },
    warmup,
    options,
  );
}

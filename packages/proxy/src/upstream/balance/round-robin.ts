import type { Warmup } from '@clover/traffic';
import type { Balancer, BalancerOptions } from './balancer.ts';
import { weighted } from './weighted.ts';

/** In turn, from a random start; by weight where weights differ. */
export function roundRobin(warmup: Warmup | undefined, options: BalancerOptions): Balancer {
  let turn = Math.floor(options.random() * 0x10000);
  return weighted(
    {
      pickAlike(hosts) {
        turn = (turn + 1) % 0x40000000;
        return hosts[turn % hosts.length]!;
      },
      weight: (one) => one.spec.weight,
    },
    warmup,
    options,
  );
}

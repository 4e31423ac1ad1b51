// What round robin and least request have in common: a quick way while all endpoints are alike, and
// a schedule by weight while weights differ or someone warms up.

import type { Warmup } from '@clover/traffic';
import type { UpstreamEndpoint } from '../upstream-endpoint.ts';
import type { Balancer, BalancerOptions } from './balancer.ts';
import { warmupFactor, warmUntilMs } from './warmup.ts';
import { WeightedSchedule } from './weighted-schedule.ts';

export interface Method {
  /** A pick among endpoints of one weight; there is at least one. */
  pickAlike(hosts: readonly UpstreamEndpoint[]): UpstreamEndpoint;
  /** Weight of an endpoint before its warm-up. */
  weight(endpoint: UpstreamEndpoint): number;
}

export function weighted(
  method: Method,
  warmup: Warmup | undefined,
  { now, random }: BalancerOptions,
): Balancer {
  let hosts: readonly UpstreamEndpoint[] = [];
  let schedule: WeightedSchedule | undefined;
  let warmUntil = -Infinity;

  const weightNow = warmup
    ? (one: UpstreamEndpoint) =>
        method.weight(one) * warmupFactor(warmup, one.healthySinceMs, now())
    : method.weight;

  function rebuild(): void {
    warmUntil = warmUntilMs(warmup, hosts);
    if (warmUntil <= now()) warmUntil = -Infinity;
    const differ = hosts.some((one) => one.spec.weight !== hosts[0]!.spec.weight);
    schedule =
      hosts.length > 1 && (differ || warmUntil > -Infinity)
        ? new WeightedSchedule(hosts, weightNow, Math.floor(random() * hosts.length))
        : undefined;
  }

  return {
    hashes: false,
    use(endpoints) {
      hosts = endpoints;
      rebuild();
    },
    pick() {
      if (hosts.length < 2) return hosts[0];
      if (!schedule) return method.pickAlike(hosts);
      if (warmUntil > -Infinity && now() >= warmUntil) {
        rebuild();
        if (!schedule) return method.pickAlike(hosts);
      }
      return schedule.pick();
    },
  };
}

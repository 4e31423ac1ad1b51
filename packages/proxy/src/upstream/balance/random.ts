import type { Balancer, BalancerOptions } from './balancer.ts';
import type { UpstreamEndpoint } from '../upstream-endpoint.ts';

/** Each endpoint as likely as any other; weights do not count (as in Envoy). */
export function randomBalancer({ random }: BalancerOptions): Balancer {
  let hosts: readonly UpstreamEndpoint[] = [];
  return {
    hashes: false,
    use(endpoints) {
      hosts = endpoints;
    },
    pick: () => hosts[Math.floor(random() * hosts.length)],
  };
}

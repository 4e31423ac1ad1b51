import type { HashInput } from '../cluster.ts';
import type { RequestHash } from '../hash-key.ts';
import type { UpstreamEndpoint } from '../upstream-endpoint.ts';
import { hashHigh, hashLow } from '../xxhash64.ts';
import type { Balancer, BalancerOptions } from './balancer.ts';

/** Where a number of 64 bits belongs, given in halves with sign. */
export type HashTable = (high: number, low: number) => UpstreamEndpoint | undefined;

/** Consistent hashing; a request without the key goes anywhere. The table is built at the first pick after a change. */
export function hashBalancer(
  hash: RequestHash,
  build: (endpoints: readonly UpstreamEndpoint[]) => HashTable,
  { random }: BalancerOptions,
): Balancer {
  let hosts: readonly UpstreamEndpoint[] = [];
  let table: HashTable | undefined;
  return {
    hashes: true,
    use(endpoints) {
      hosts = endpoints;
      table = undefined;
    },
    pick(input: HashInput | undefined) {
      if (hosts.length < 2 && !input?.setCookie) return hosts[0];
      table ??= build(hosts);
      if (input && hash(input)) return table(hashHigh, hashLow);
      return hosts[Math.floor(random() * hosts.length)];
    },
  };
}

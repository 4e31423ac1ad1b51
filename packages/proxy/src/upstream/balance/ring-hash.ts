// Envoy's ring hash (Ketama): each endpoint stands on the ring at the hashes of `address:port_0`,
// `_1`, …, as often as its weight says; a request belongs to the next endpoint on from its hash.

import type { UpstreamEndpoint } from '../upstream-endpoint.ts';
import { hashHigh, hashLow, xxHash64 } from '../xxhash64.ts';
import type { HashTable } from './hash-balancer.ts';

const MAXIMUM_SIZE = 8 * 1024 * 1024;

/** @param minimumSize entries at least; more where the lightest endpoint would not get a whole number of them */
export function buildRing(endpoints: readonly UpstreamEndpoint[], minimumSize: number): HashTable {
  if (endpoints.length === 0) return () => undefined;
  const total = endpoints.reduce((sum, one) => sum + one.spec.weight, 0);
  const least = endpoints.reduce((min, one) => Math.min(min, one.spec.weight), Infinity) / total;
  const scale = Math.min(
    Math.ceil(least * Math.min(minimumSize, MAXIMUM_SIZE)) / least,
    MAXIMUM_SIZE,
  );
  const hosts: number[] = [];
  const highs: number[] = [];
  const lows: number[] = [];
  let wanted = 0;
  for (const [index, one] of endpoints.entries()) {
    wanted += (scale * one.spec.weight) / total;
    for (let count = 0; hosts.length < wanted; count++) {
      xxHash64(`${one.key}_${count}`);
      hosts.push(index);
      highs.push(hashHigh >>> 0);
      lows.push(hashLow >>> 0);
    }
  }
  const order = new Uint32Array(hosts.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  order.sort((a, b) => highs[a]! - highs[b]! || lows[a]! - lows[b]!);
  const ringHighs = new Uint32Array(order.length);
  const ringLows = new Uint32Array(order.length);
  const ring: UpstreamEndpoint[] = [];
  for (const [place, at] of order.entries()) {
    ringHighs[place] = highs[at]!;
    ringLows[place] = lows[at]!;
    ring.push(endpoints[hosts[at]!]!);
  }
  return (highHalf, lowHalf) => {
    const high = highHalf >>> 0;
    const low = lowHalf >>> 0;
    let from = 0;
    let to = ring.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const own = ringHighs[middle]!;
      if (own < high || (own === high && ringLows[middle]! < low)) from = middle + 1;
      else to = middle;
    }
    return ring[from === ring.length ? 0 : from];
  };
}

// Maglev (Eisenbud et al., NSDI 2016, listing 1) with weights, as Envoy builds it: each endpoint in
// turn takes the next free place of its own permutation of the table.

import type { UpstreamEndpoint } from '../upstream-endpoint.ts';
import { hashHigh, hashLow, modulo64, xxHash64 } from '../xxhash64.ts';
import type { HashTable } from './hash-balancer.ts';

/** @param tableSize a prime; of another number the next prime is taken */
export function buildMaglev(endpoints: readonly UpstreamEndpoint[], tableSize: number): HashTable {
  if (endpoints.length === 0) return () => undefined;
  const size = nextPrime(tableSize);
  const hosts = endpoints.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  const total = hosts.reduce((sum, one) => sum + one.spec.weight, 0);
  const weights = hosts.map((one) => one.spec.weight / total);
  const heaviest = Math.max(...weights);
  const targets = weights.map(() => 0);
  const skips: number[] = [];
  const places: number[] = [];
  for (const { key } of hosts) {
    xxHash64(key);
    places.push(modulo64(hashHigh, hashLow, size));
    xxHash64(key, 1);
    skips.push(modulo64(hashHigh, hashLow, size - 1) + 1);
  }
  const table = new Uint32Array(size); // index + 1; 0 is free
  for (let filled = 0, round = 1; filled < size; round++) {
    for (let index = 0; index < hosts.length && filled < size; index++) {
      if (round * weights[index]! < targets[index]!) continue;
      targets[index]! += heaviest;
      const skip = skips[index]!;
      let place = places[index]!;
      while (table[place] !== 0) place = onward(place, skip, size);
      table[place] = index + 1;
      places[index] = onward(place, skip, size);
      filled++;
    }
  }
  return (high, low) => hosts[table[modulo64(high, low, size)]! - 1];
}

/** `(place + skip) % size` of a skip below size, many times faster. */
function onward(place: number, skip: number, size: number): number {
  const next = place + skip;
  return next >= size ? next - size : next;
}

function nextPrime(from: number): number {
  for (let one = Math.max(2, from); ; one++) if (isPrime(one)) return one;
}

function isPrime(number: number): boolean {
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return number > 1;
}

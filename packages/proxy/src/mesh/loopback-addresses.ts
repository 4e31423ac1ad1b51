import { createHash } from 'node:crypto';
import type { OwnAddresses } from './listener-plan.ts';

const PAIRS = 32_000;

/**
 * Addresses of 127.77.0.0/16, two to an owner: by its name, so that a program finds its listeners again
 * when the data plane was started anew. Of two names with the same address the later one moves on.
 */
export function loopbackAddresses(): OwnAddresses {
  const known = new Map<string, { outbound: string; inbound: string }>();
  const taken = new Set<number>();
  return (owner) => {
    let own = known.get(owner);
    if (own === undefined) {
      let pair = createHash('sha256').update(owner).digest().readUInt32BE(0) % PAIRS;
      while (taken.has(pair) && taken.size < PAIRS) pair = (pair + 1) % PAIRS;
      taken.add(pair);
      const address = (at: number) => `127.77.${at >> 8}.${at & 255}`;
      known.set(owner, (own = { outbound: address(pair * 2 + 1), inbound: address(pair * 2 + 2) }));
    }
    return own;
  };
}

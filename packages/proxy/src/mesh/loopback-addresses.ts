import type { OwnAddresses } from './listener-plan.ts';

/** Addresses of 127.77.0.0/16 in the order of asking, two to an owner; always the same for the same owner. */
export function loopbackAddresses(): OwnAddresses {
  const known = new Map<string, { outbound: string; inbound: string }>();
  return (owner) => {
    let own = known.get(owner);
    if (own === undefined) {
      const number = (known.size * 2 + 1) % 65_000;
      const address = (at: number) => `127.77.${at >> 8}.${at & 255}`;
      known.set(owner, (own = { outbound: address(number), inbound: address(number + 1) }));
    }
    return own;
  };
}

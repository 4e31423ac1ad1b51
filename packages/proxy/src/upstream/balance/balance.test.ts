import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadBalancing } from '@clover/traffic';
import { UpstreamEndpoint } from '../upstream-endpoint.ts';
import { hashHigh, hashLow, xxHash64 } from '../xxhash64.ts';
import { createBalancer, type Balancer } from './balancer.ts';
import { buildMaglev } from './maglev.ts';
import { buildRing } from './ring-hash.ts';
import { warmupFactor } from './warmup.ts';

/** A small generator of even draws, so that shares can be held to a bound. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    mixed ^= mixed >>> 12;
    return (mixed >>> 0) / 2 ** 32;
  };
}

function endpoints(weights: readonly number[], nowMs = -1e9): UpstreamEndpoint[] {
  return weights.map(
    (weight, index) =>
      new UpstreamEndpoint(
        {
          address: `10.0.0.${index + 1}`,
          port: 80,
          labels: {},
          weight,
          principal: '',
          meshTls: false,
          probe: undefined,
          checkKey: '',
        },
        nowMs,
      ),
  );
}

function balancer(policy: LoadBalancing, hosts: UpstreamEndpoint[], now = () => 0): Balancer {
  const made = createBalancer(policy, { now, random: draws(7) });
  made.use(hosts);
  return made;
}

function counts(
  hosts: UpstreamEndpoint[],
  picks: number,
  pick: () => UpstreamEndpoint | undefined,
) {
  const count = new Map(hosts.map((one) => [one, 0]));
  for (let n = 0; n < picks; n++) {
    const one = pick()!;
    count.set(one, count.get(one)! + 1);
  }
  return [...count.values()];
}

const WEIGHTS = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });
const SIMPLE = [
  { kind: 'leastRequest', warmup: undefined },
  { kind: 'roundRobin', warmup: undefined },
  { kind: 'random' },
] as const;

describe('every balancer', () => {
  it.each([
    ...SIMPLE,
    { kind: 'ringHash', key: undefined, minimumSize: 64 },
    { kind: 'maglev', key: undefined, tableSize: 67 },
  ] as const)('$kind picks one of its endpoints, and none of none', (policy) => {
    expect(balancer(policy, []).pick(undefined)).toBeUndefined();
    for (const size of [1, 2, 5]) {
      const hosts = endpoints(Array.from({ length: size }, () => 1));
      const one = balancer(policy, hosts);
      const count = counts(hosts, 200 * size, () => one.pick(undefined));
      expect(Math.min(...count)).toBeGreaterThan(100);
    }
  });
});

describe('roundRobin', () => {
  it('goes round evenly', () => {
    const hosts = endpoints([1, 1, 1, 1]);
    const one = balancer({ kind: 'roundRobin', warmup: undefined }, hosts);
    expect(counts(hosts, 400, () => one.pick(undefined))).toEqual([100, 100, 100, 100]);
  });

  it('gives each its weight’s share, never more than a round off', () => {
    fc.assert(
      fc.property(WEIGHTS, fc.integer({ min: 1, max: 30 }), (weights, rounds) => {
        const hosts = endpoints(weights);
        const one = balancer({ kind: 'roundRobin', warmup: undefined }, hosts);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const count = counts(hosts, total * rounds, () => one.pick(undefined));
        for (const [index, weight] of weights.entries())
          expect(Math.abs(count[index]! - weight * rounds)).toBeLessThanOrEqual(
            Math.max(2, weights.length),
          );
      }),
    );
  });
});

describe('leastRequest', () => {
  it('takes the less busy of two, so the busiest of many is taken only by drawing it twice', () => {
    const hosts = endpoints([1, 1, 1, 1]);
    hosts[2]!.active = 100;
    const one = balancer({ kind: 'leastRequest', warmup: undefined }, hosts);
    const count = counts(hosts, 16_000, () => one.pick(undefined));
    expect(count[2]! / 16_000).toBeCloseTo(1 / 16, 1);
    expect(count[2]!).toBeLessThan(1300);
  });

  it('divides weights by requests in flight where weights differ', () => {
    const hosts = endpoints([2, 1]);
    hosts[0]!.active = 3; // 2 / 4 against 1 / 1
    const one = balancer({ kind: 'leastRequest', warmup: undefined }, hosts);
    const [first, second] = counts(hosts, 3000, () => one.pick(undefined));
    expect(first! / second!).toBeCloseTo(0.5, 1);
  });
});

describe('warm-up', () => {
  it('rises from the minimum to the whole weight', () => {
    const warmup = { durationMs: 1000, aggression: 1, minimumRatio: 0.1 };
    expect([0, 50, 500, 999, 1000].map((age) => warmupFactor(warmup, 0, age))).toEqual([
      0.1, 0.1, 0.5, 0.999, 1,
    ]);
    expect(warmupFactor({ ...warmup, aggression: 2 }, 0, 250)).toBe(0.5);
  });

  it('gives a newcomer little at first and its share at the end', () => {
    let nowMs = 0;
    const hosts = [...endpoints([1, 1, 1]), ...endpoints([1], 0)];
    const one = balancer(
      { kind: 'roundRobin', warmup: { durationMs: 1000, aggression: 1, minimumRatio: 0.1 } },
      hosts,
      () => nowMs,
    );
    expect(counts(hosts, 3100, () => one.pick(undefined))[3]).toBeLessThan(130);
    nowMs = 500;
    expect(counts(hosts, 3500, () => one.pick(undefined))[3]! / 500).toBeCloseTo(1, 0);
    nowMs = 1000;
    expect(counts(hosts, 4000, () => one.pick(undefined))).toEqual([1000, 1000, 1000, 1000]);
  });
});

const HASHES = [
  ['ring hash', (hosts: readonly UpstreamEndpoint[]) => buildRing(hosts, 1024)],
  ['Maglev', (hosts: readonly UpstreamEndpoint[]) => buildMaglev(hosts, 5003)],
] as const;

describe.each(HASHES)('%s', (name, build) => {
  const owners = (hosts: readonly UpstreamEndpoint[], keys = 20_000) => {
    const table = build(hosts);
    return Array.from({ length: keys }, (_, index) => {
      xxHash64(`user-${index}`);
      return table(hashHigh, hashLow)!;
    });
  };

  it('moves few keys but those of an endpoint that goes', () => {
    const hosts = endpoints([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const before = owners(hosts);
    const after = owners(hosts.filter((_, index) => index !== 4));
    const moved = before.filter((one, index) => one !== hosts[4] && one !== after[index]).length;
    // Its ring moves by a rounding of the number of entries, Maglev's table by a few places.
    expect(moved / before.length).toBeLessThan(name === 'ring hash' ? 0.2 : 0.1);
    expect(after).not.toContain(hosts[4]);
  });

  it('gives each about its weight’s share', () => {
    const hosts = endpoints([1, 2, 5]);
    const count = owners(hosts);
    for (const [index, weight] of [1, 2, 5].entries()) {
      const share = count.filter((one) => one === hosts[index]).length / count.length;
      expect(Math.abs(share - weight / 8)).toBeLessThan(0.04);
    }
  });

  it('does not depend on the order of endpoints', () => {
    const hosts = endpoints([1, 1, 1, 1]);
    expect(owners(hosts.toReversed(), 500)).toEqual(owners(hosts, 500));
  });
});

describe('ring hash', () => {
  it('agrees with a walk over all entries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.string(), (size, key) => {
        const hosts = endpoints(Array.from({ length: size }, () => 1));
        const entries = hosts.flatMap((host) =>
          Array.from({ length: Math.ceil(64 / size) }, (_, index) => {
            xxHash64(`${host.key}_${index}`);
            return { host, hash: (BigInt(hashHigh >>> 0) << 32n) | BigInt(hashLow >>> 0) };
          }),
        );
        const table = buildRing(hosts, 64);
        xxHash64(key);
        const wanted = (BigInt(hashHigh >>> 0) << 32n) | BigInt(hashLow >>> 0);
        const sorted = entries.toSorted(
          (a, b) => Number(a.hash > b.hash) - Number(a.hash < b.hash),
        );
        const owner = sorted.find((one) => one.hash >= wanted) ?? sorted[0]!;
        expect(table(hashHigh, hashLow)).toBe(owner.host);
      }),
    );
  });

  it('has at least the asked number of entries, and a whole number for the lightest', () => {
    // 3 of 1024 would be 341.33 each: Envoy takes 342.
    const hosts = endpoints([1, 1, 1]);
    const table = buildRing(hosts, 1024);
    xxHash64(`${hosts[2]!.key}_341`);
    expect(table(hashHigh, hashLow)).toBe(hosts[2]);
  });
});

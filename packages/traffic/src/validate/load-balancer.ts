// How endpoints are chosen.

import type { FieldPath } from '../read/check-fields.ts';
import { checkDuration } from './duration.ts';
import { checkLocality, type LocalitySetting } from './locality.ts';
import type { Say } from './say.ts';

export interface LoadBalancer {
  readonly consistentHash?: {
    readonly httpCookie?: {
      readonly name?: string;
      readonly ttl?: string;
      readonly attributes?: readonly { readonly name?: string }[];
    };
    readonly minimumRingSize?: number;
    readonly ringHash?: object;
    readonly maglev?: { readonly tableSize?: number };
  };
  readonly localityLbSetting?: LocalitySetting;
  readonly zoneAwareLbSetting?: object;
  readonly warmup?: {
    readonly duration?: string;
    readonly minimumPercent?: number;
    readonly aggression?: number;
  };
}

export function checkLoadBalancer(
  balancer: LoadBalancer | undefined,
  path: FieldPath,
  say: Say,
): void {
  if (!balancer) return;
  checkHash(balancer.consistentHash, [...path, 'consistentHash'], say);
  if (balancer.localityLbSetting && balancer.zoneAwareLbSetting)
    say([...path, 'zoneAwareLbSetting'], {
      code: 'exclusive',
      message: 'localityLbSetting and zoneAwareLbSetting stand together; only one may',
    });
  checkLocality(balancer.localityLbSetting, [...path, 'localityLbSetting'], say);
  const { warmup } = balancer;
  if (!warmup) return;
  if ((warmup.minimumPercent ?? 0) > 100)
    say([...path, 'warmup', 'minimumPercent'], {
      code: 'range',
      message: `minimumPercent is ${warmup.minimumPercent}`,
      hint: 'allowed: 0 to 100',
    });
  if (warmup.aggression !== undefined && warmup.aggression <= 0)
    say([...path, 'warmup', 'aggression'], {
      code: 'range',
      message: `aggression is ${warmup.aggression}`,
      hint: 'write 1 or more',
    });
}

function checkHash(hash: LoadBalancer['consistentHash'], path: FieldPath, say: Say): void {
  if (!hash) return;
  const { httpCookie, maglev } = hash;
  if (httpCookie && !httpCookie.name)
    say([...path, 'httpCookie'], {
      code: 'missing',
      message: 'the cookie has no name',
      hint: 'add name:',
    });
  checkDuration(httpCookie?.ttl, [...path, 'httpCookie', 'ttl'], say);
  const seen = new Set<string>();
  for (const [index, { name = '' }] of (httpCookie?.attributes ?? []).entries()) {
    const where = [...path, 'httpCookie', 'attributes', index];
    if (name === '')
      say(where, { code: 'missing', message: 'the attribute has no name', hint: 'add name:' });
    else if (seen.has(name))
      say(where, {
        code: 'twice',
        message: `attribute ${name} stands twice`,
        hint: 'keep one of them',
      });
    seen.add(name);
  }
  if (hash.minimumRingSize && (hash.ringHash || maglev))
    say([...path, 'minimumRingSize'], {
      code: 'exclusive',
      message: 'minimumRingSize stands beside an algorithm',
      hint: 'write ringHash: {minimumRingSize: …}',
    });
  const size = maglev?.tableSize ?? 0;
  if (maglev && !(size < 5_000_011 && isPrime(size)))
    say([...path, 'maglev', ...(maglev.tableSize === undefined ? [] : ['tableSize'])], {
      code: 'range',
      message: `tableSize is ${maglev.tableSize ?? 'missing'}, which is not a prime below 5000011`,
      hint: 'write 65537',
    });
}

function isPrime(number: number): boolean {
  if (number < 2) return number === 1;
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return true;
}

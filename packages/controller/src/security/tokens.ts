import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Role, TokenEntry } from './token-entries.ts';

const derive = promisify(scrypt) as (
  password: string,
  salt: Buffer,
  length: number,
  options: { N: number; r: number; p: number; maxmem: number },
) => Promise<Buffer>;

const TRIES_PER_SECOND = 10;
const COST = { N: 16384, r: 8, p: 1 };

/** A new token (shown once) and the entry for the configuration, which holds only its scrypt hash. */
export async function createToken(
  name: string,
  role: Role,
): Promise<{ token: string; entry: TokenEntry }> {
  const id = [...randomBytes(8)]
    .map((byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte % 32])
    .join('');
  const token = `clv_${id}_${randomBytes(24).toString('base64url')}`;
  const salt = randomBytes(16);
  const key = await derive(token, salt, 32, { ...COST, maxmem: 64 << 20 });
  const hash = `scrypt:${COST.N}:${COST.r}:${COST.p}:${salt.toString('base64url')}:${key.toString('base64url')}`;
  return { token, entry: { name, role, id, hash } };
}

export interface Identity {
  readonly name: string;
  readonly role: Role;
}

export interface TokenVerifier {
  /** Who a token belongs to; undefined when it is not known. 'busy' when too many wrong ones came lately. */
  verify(token: string): Promise<Identity | undefined | 'busy'>;
}

/**
 * Checks tokens against their hashes. A token that was right once is remembered by a keyed digest, so
 * scrypt runs once a token and process; wrong ones are held to ten tries a second in all.
 */
export function createTokenVerifier(
  entries: readonly TokenEntry[],
  nowMs: () => number = Date.now,
): TokenVerifier {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const known = new Map<string, Identity>();
  /** Checks under way, so that the first requests of many senders cost one scrypt. */
  const checking = new Map<string, Promise<Identity | undefined>>();
  const processKey = randomBytes(32);
  let tries: number[] = [];
  return {
    async verify(token) {
      const match = /^clv_([a-z0-9]{8})_[\w-]{32}$/.exec(token);
      const entry = match ? byId.get(match[1]!) : undefined;
      if (!entry) return undefined;
      const digest = createHmac('sha256', processKey).update(token).digest('base64');
      const remembered = known.get(digest);
      if (remembered) return remembered;
      const underWay = checking.get(digest);
      if (underWay) return underWay;
      const now = nowMs();
      tries = tries.filter((time) => now - time < 1000);
      if (tries.length >= TRIES_PER_SECOND) return 'busy';
      tries.push(now);
      const check = matches(token, entry.hash).then((right) => {
        if (!right) return undefined;
        const identity = { name: entry.name, role: entry.role };
        known.set(digest, identity);
        return identity;
      });
      checking.set(digest, check);
      return check.finally(() => checking.delete(digest));
    },
  };
}

async function matches(token: string, hash: string): Promise<boolean> {
  const [, n, r, p, salt, key] = hash.split(':') as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const expected = Buffer.from(key, 'base64url');
  const cost = { N: Number(n), r: Number(r), p: Number(p), maxmem: 256 << 20 };
  const actual = await derive(token, Buffer.from(salt, 'base64url'), expected.length, cost);
  return expected.length > 0 && timingSafeEqual(actual, expected);
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether `have` includes `need`: admin > operator > viewer. */
export const roleAllows = (have: Role, need: Role): boolean => RANK[have] >= RANK[need];

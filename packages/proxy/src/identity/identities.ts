// Certificates of the workloads of this machine, made when first asked for and renewed before they
// expire. Connections keep the one they began with.

import { createSecureContext, type SecureContext } from 'node:tls';
import type { Authority } from './authority.ts';
import { spiffeId, type ServiceAccount } from './spiffe.ts';

export interface Identity {
  /** Its SPIFFE id. */
  readonly id: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly expiresMs: number;
  /** With the authority's certificate for all that the other side shows. */
  readonly context: SecureContext;
}

export interface Identities {
  readonly authorityPem: string;
  readonly trustDomain: string;
  /** The certificate to use now. */
  of(account: ServiceAccount): Identity;
  close(): void;
}

export interface IdentitiesOptions {
  readonly authority: Authority;
  /** Life of a certificate. Default: a day, as in Istio. */
  readonly validMs?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** A certificate is renewed when half of its life is over, by a timer or when it is asked for. */
export function createIdentities({
  authority,
  validMs = 86_400_000,
  now = Date.now,
}: IdentitiesOptions): Identities {
  const kept = new Map<string, Identity>();

  function issue(id: string): Identity {
    const { keyPem, certificatePem, expiresMs } = authority.issue(id, validMs);
    const context = createSecureContext({
      key: keyPem,
      cert: certificatePem,
      ca: authority.certificatePem,
      minVersion: 'TLSv1.2',
    });
    const made = { id, keyPem, certificatePem, expiresMs, context };
    kept.set(id, made);
    return made;
  }
  const isOld = (one: Identity) => one.expiresMs - now() <= validMs / 2;

  const timer = setInterval(
    () => {
      for (const [id, one] of kept) if (isOld(one)) issue(id);
    },
    Math.max(1000, Math.min(60_000, validMs / 10)),
  );
  timer.unref();

  return {
    authorityPem: authority.certificatePem,
    trustDomain: 'cluster.local',
    of(account) {
      const id = spiffeId(account);
      const known = kept.get(id);
      return known && !isOld(known) ? known : issue(id);
    },
    close() {
      clearInterval(timer);
      kept.clear();
    },
  };
}

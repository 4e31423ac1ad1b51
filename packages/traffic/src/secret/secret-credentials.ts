// Credentials of all Secrets, by the names under which gateways ask for them.

import type { Resource } from '../resource.ts';
import { AUTHORITY_SUFFIX, credentialOf, type SecretCredential } from './credential-of.ts';

/** By `namespace/credentialName`. */
export type SecretCredentials = ReadonlyMap<string, SecretCredential>;

/**
 * As Istio does, an authority in `NAME-cacert` goes before that in `NAME`.
 * @param before what was found last: what is still the same is the same object
 */
export function secretCredentials(
  resources: readonly Resource[],
  before: SecretCredentials = new Map(),
): SecretCredentials {
  const own = new Map<string, SecretCredential>();
  for (const one of resources)
    if (one.kind === 'Secret')
      own.set(`${one.metadata.namespace}/${one.metadata.name}`, credentialOf(one.spec));
  const found = new Map<string, SecretCredential>();
  for (const [name, { cert, key, ca }] of own) {
    const next = { cert, key, ca: own.get(name + AUTHORITY_SUFFIX)?.ca ?? ca };
    const last = before.get(name);
    found.set(name, last && isSame(last, next) ? last : next);
  }
  return found;
}

const isSame = (a: SecretCredential, b: SecretCredential): boolean =>
  a.cert === b.cert && a.key === b.key && a.ca === b.ca;

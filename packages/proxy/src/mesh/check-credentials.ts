// Whether the certificates that gateways are to show, and clients to go by, are there and any good.

import type { Resource, SecretCredential, SecretCredentials } from '@clover/traffic';
import { badCredential } from '../errors.ts';
import { createCredentials } from '../identity/credentials.ts';
import { checkGatewayTls } from '../identity/gateway-tls.ts';
import { accountOf } from './account-of.ts';
import { clientUses } from './client-uses.ts';
import type { Compiled } from './compiled.ts';
import type { Security } from './connect-listener.ts';
import type { CredentialUse } from './credential-use.ts';
import { callerOf } from './listener-plan.ts';

export interface CheckedSecurity extends Pick<Security, 'identities'> {
  /** Folder of what `credentialName` means. */
  readonly folder: string | undefined;
  /** Of this configuration. */
  readonly secrets: SecretCredentials;
  readonly resources: readonly Resource[];
}

/** What a configuration was checked with: each use of a credential, and the Secret that it found. */
export interface CheckedCredentials {
  readonly uses: ReadonlyMap<string, SecretCredential | undefined>;
  /** Whether there is a use of the Secret `namespace/name`, be it there or not. */
  isNamed(secret: string): boolean;
}

/**
 * Throws CloverError `proxy.bad_credential` for the first that is not.
 * @param known those in force: what became of their files since then stands in the way of nothing else, and a
 *   Secret that goes is kept by those who have it
 */
export function checkCredentials(
  compiled: Compiled,
  known: CheckedCredentials | undefined,
  security: CheckedSecurity,
): CheckedCredentials {
  const uses = new Map<string, SecretCredential | undefined>();
  const clients = clientUses(security.resources);
  const names = new Set<string>();
  const { folder, secrets } = security;
  const credentials = createCredentials({ folder, secrets: () => secrets });
  for (const one of [
    ...gatewayUses(compiled, security, credentials),
    ...clients.map((client) => client.in(secrets, credentials)),
  ]) {
    if (uses.has(one.key)) continue;
    uses.set(one.key, one.secret);
    if (one.name !== undefined) names.add(one.name);
    if (known && !isKnown(known, one)) check(one);
  }
  return {
    uses,
    isNamed: (secret) => names.has(secret) || clients.some((one) => one.names(secret)),
  };
}

function* gatewayUses(
  { table, plans }: Compiled,
  { identities, secrets }: CheckedSecurity,
  credentials: Security['credentials'],
): Generator<CredentialUse> {
  for (const plan of plans) {
    if (plan.direction !== 'gateway') continue;
    const account = accountOf(plan.owner);
    for (const { tls } of table.connections(callerOf(plan), plan.servicePort).chains) {
      if (tls === undefined) continue;
      const name = `${account.namespace}/${tls.credentialName}`;
      yield {
        key: JSON.stringify([tls, account.namespace]),
        label: tls.credentialName ?? tls.mode ?? '',
        ...(tls.credentialName && { name }),
        secret: secrets.get(name),
        check: () =>
          checkGatewayTls(tls, { account, credentials, ...(identities && { identities }) }),
      };
    }
  }
}

/** A Secret that is the same is the same object. */
const isKnown = ({ uses }: CheckedCredentials, { key, secret }: CredentialUse): boolean =>
  uses.has(key) && (secret === undefined || uses.get(key) === secret);

function check(use: CredentialUse): void {
  try {
    use.check();
  } catch (error) {
    if ((error as { code?: string }).code === 'proxy.bad_credential') throw error;
    throw badCredential(use.label, (error as Error).message, error);
  }
}

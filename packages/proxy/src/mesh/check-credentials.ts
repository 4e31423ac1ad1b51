// Whether the certificates that gateways are to show are there and any good.

import type { SecretCredential, SecretCredentials, ServerTls } from '@clover/traffic';
import { badCredential } from '../errors.ts';
import { createCredentials } from '../identity/credentials.ts';
import { checkGatewayTls } from '../identity/gateway-tls.ts';
import { accountOf } from './account-of.ts';
import type { Compiled } from './compiled.ts';
import type { Security } from './connect-listener.ts';
import { callerOf } from './listener-plan.ts';

export interface CheckedSecurity extends Pick<Security, 'identities'> {
  /** Folder of what `credentialName` means. */
  readonly folder: string | undefined;
  /** Of this configuration. */
  readonly secrets: SecretCredentials;
}

/** What a configuration was checked with: each use of a credential, and the Secret that it found. */
export interface CheckedCredentials {
  readonly uses: ReadonlyMap<string, SecretCredential | undefined>;
  /** Secrets by `namespace/name`, whether they are there or not. */
  readonly names: ReadonlySet<string>;
}

/**
 * Throws CloverError `proxy.bad_credential` for the first that is not.
 * @param known those in force: what became of their files since then stands in the way of nothing else, and a
 *   Secret that goes is kept by those who have it
 */
export function checkCredentials(
  { table, plans }: Compiled,
  known: CheckedCredentials | undefined,
  { identities, folder, secrets }: CheckedSecurity,
): CheckedCredentials {
  const uses = new Map<string, SecretCredential | undefined>();
  const names = new Set<string>();
  const credentials = createCredentials({ folder, secrets: () => secrets });
  for (const plan of plans) {
    if (plan.direction !== 'gateway') continue;
    for (const { tls } of table.connections(callerOf(plan), plan.servicePort).chains) {
      if (tls === undefined) continue;
      const account = accountOf(plan.owner);
      const use = JSON.stringify([tls, account.namespace]);
      if (uses.has(use)) continue;
      const name = `${account.namespace}/${tls.credentialName}`;
      const secret = secrets.get(name);
      uses.set(use, secret);
      if (tls.credentialName) names.add(name);
      if (known && !isKnown(known, use, secret))
        check(tls, { account, credentials, ...(identities && { identities }) });
    }
  }
  return { uses, names };
}

/** A Secret that is the same is the same object. */
const isKnown = ({ uses }: CheckedCredentials, use: string, secret: SecretCredential | undefined) =>
  uses.has(use) && (secret === undefined || uses.get(use) === secret);

function check(tls: ServerTls, options: Parameters<typeof checkGatewayTls>[1]): void {
  try {
    checkGatewayTls(tls, options);
  } catch (error) {
    if ((error as { code?: string }).code === 'proxy.bad_credential') throw error;
    throw badCredential(tls.credentialName ?? tls.mode ?? '', (error as Error).message, error);
  }
}

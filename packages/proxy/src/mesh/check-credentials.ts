// Whether the certificates that gateways are to show are there and any good.

import type { SecretCredentials, ServerTls } from '@clover/traffic';
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

/**
 * Throws CloverError `proxy.bad_credential` for the first that is not.
 * @param known those in force: what became of their files since then stands in the way of nothing else, and a
 *   Secret that goes is kept by those who have it
 * @returns those of this configuration, each alone and with its Secret
 */
export function checkCredentials(
  { table, plans }: Compiled,
  known: ReadonlySet<string> | undefined,
  { identities, folder, secrets }: CheckedSecurity,
): ReadonlySet<string> {
  const found = new Set<string>();
  const credentials = createCredentials({ folder, secrets: () => secrets });
  for (const plan of plans) {
    if (plan.direction !== 'gateway') continue;
    for (const { tls } of table.connections(callerOf(plan), plan.servicePort).chains) {
      if (tls === undefined) continue;
      const account = accountOf(plan.owner);
      const alone = JSON.stringify([tls, account.namespace]);
      const secret = secrets.get(`${account.namespace}/${tls.credentialName}`);
      const key = secret ? JSON.stringify([alone, secret]) : alone;
      if (found.has(key)) continue;
      found.add(key).add(alone);
      if (known === undefined || known.has(key)) continue;
      check(tls, { account, credentials, ...(identities && { identities }) });
    }
  }
  return found;
}

function check(tls: ServerTls, options: Parameters<typeof checkGatewayTls>[1]): void {
  try {
    checkGatewayTls(tls, options);
  } catch (error) {
    if ((error as { code?: string }).code === 'proxy.bad_credential') throw error;
    throw badCredential(tls.credentialName ?? tls.mode ?? '', (error as Error).message, error);
  }
}

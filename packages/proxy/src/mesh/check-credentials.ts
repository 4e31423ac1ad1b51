// Whether the certificates that gateways are to show are there and any good.

import type { ServerTls } from '@clover/traffic';
import { badCredential } from '../errors.ts';
import { checkGatewayTls } from '../identity/gateway-tls.ts';
import { accountOf } from './account-of.ts';
import type { Compiled } from './compiled.ts';
import type { Security } from './connect-listener.ts';
import { callerOf } from './listener-plan.ts';

/**
 * Throws CloverError `proxy.bad_credential` for the first that is not.
 * @param known those in force: what became of their files since then stands in the way of nothing else
 * @returns those of this configuration
 */
export function checkCredentials(
  { table, plans }: Compiled,
  known: ReadonlySet<string> | undefined,
  { identities, credentials }: Pick<Security, 'identities' | 'credentials'>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const plan of plans) {
    if (plan.direction !== 'gateway') continue;
    for (const { tls } of table.connections(callerOf(plan), plan.servicePort).chains) {
      if (tls === undefined) continue;
      const key = JSON.stringify(tls);
      if (found.has(key)) continue;
      found.add(key);
      if (known === undefined || known.has(key)) continue;
      check(tls, {
        account: accountOf(plan.owner),
        ...(identities && { identities }),
        ...(credentials !== undefined && { credentials }),
      });
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

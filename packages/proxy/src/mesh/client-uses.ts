// Credentials that DestinationRules name, as far as they can be checked before anybody goes by them.

import {
  clientCredentials,
  clientsMayFind,
  missingForClient,
  secretsForClients,
  type ClientCredentialUse,
  type DestinationRule,
  type Resource,
  type SecretCredentials,
} from '@clover/traffic';
import { openClientCredential } from '../identity/client-credential.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { CredentialUse } from './credential-use.ts';

export interface ClientUse {
  in(secrets: SecretCredentials, credentials: Credentials): CredentialUse;
  /** Whether a client may look for the Secret `namespace/name`. */
  names(secret: string): boolean;
}

export function clientUses(resources: readonly Resource[]): ClientUse[] {
  return resources.flatMap((one) =>
    one.kind === 'DestinationRule' ? clientCredentials(one).map((use) => useOf(one, use)) : [],
  );
}

/**
 * Which of the namespaces that see a rule have clients for its host is not known: a rule for an egress gateway
 * is seen by all, and the Secret is the gateway's alone. So one of them that is good is enough, and a client
 * without one is refused at run time.
 */
function useOf(rule: DestinationRule, use: ClientCredentialUse): ClientUse {
  const { tls, credentialName } = use;
  const { namespace } = rule.metadata;
  const { exportTo, workloadSelector } = rule.spec;
  return {
    in(secrets, credentials) {
      const found = [...secretsForClients(secrets, rule, use)];
      const good = found.find(([, secret]) => !missingForClient(tls, secret)) ?? found[0];
      const path = good?.[0] ?? `${namespace}/${credentialName}`;
      return {
        key: JSON.stringify([tls, namespace, exportTo, workloadSelector !== undefined]),
        label: credentialName,
        secret: good?.[1],
        check() {
          const home = path.slice(0, path.indexOf('/'));
          openClientCredential(tls, { credentials, namespace: home, label: credentialName })();
        },
      };
    },
    names: (secret) => clientsMayFind(secret, rule, use),
  };
}

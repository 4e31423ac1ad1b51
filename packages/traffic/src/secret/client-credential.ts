// Credentials that DestinationRules name for the clients of their hosts: where they are looked for, and what
// they must have.

import { visibleIn } from '../destination-rules.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { DestinationRule } from '../resource.ts';
import type { ClientTlsSpec, TrafficPolicySpec } from '../traffic-policy.ts';
import { AUTHORITY_SUFFIX, type SecretCredential } from './credential-of.ts';
import type { SecretCredentials } from './secret-credentials.ts';

export interface ClientCredentialUse {
  readonly tls: ClientTlsSpec;
  readonly credentialName: string;
  /** Of `tls`. */
  readonly path: FieldPath;
}

/** Wherever the rule names a credential that counts: for all, for a port, in its subsets. */
export function clientCredentials({ spec }: DestinationRule): ClientCredentialUse[] {
  const policies: [TrafficPolicySpec | undefined, FieldPath][] = [
    [spec.trafficPolicy as TrafficPolicySpec | undefined, ['spec', 'trafficPolicy']],
    ...(spec.subsets ?? []).map((one, index): [TrafficPolicySpec | undefined, FieldPath] => [
      one.trafficPolicy as TrafficPolicySpec | undefined,
      ['spec', 'subsets', index, 'trafficPolicy'],
    ]),
  ];
  return policies.flatMap(([policy, path]) => [
    ...usesIn(policy?.tls, [...path, 'tls']),
    ...(policy?.portLevelSettings ?? []).flatMap(({ tls }, index) =>
      usesIn(tls, [...path, 'portLevelSettings', index, 'tls']),
    ),
  ]);
}

function usesIn(tls: ClientTlsSpec | undefined, path: FieldPath): ClientCredentialUse[] {
  if (!tls?.credentialName || (tls.mode !== 'SIMPLE' && tls.mode !== 'MUTUAL')) return [];
  return [{ tls, credentialName: tls.credentialName, path }];
}

/** Whether there may be clients in this namespace that go by the rule: it is there that they look for Secrets. */
export function mayHaveClients({ spec, metadata }: DestinationRule, namespace: string): boolean {
  if (spec.workloadSelector) return namespace === metadata.namespace;
  return visibleIn(spec.exportTo, metadata.namespace, namespace);
}

/**
 * For a client that needs an authority and nothing else, `NAME-cacert` alone will do.
 * @param path `namespace/credentialName`
 */
export function findSecret(
  secrets: SecretCredentials,
  path: string,
  needs: 'all' | 'authority',
): SecretCredential | undefined {
  return (
    secrets.get(path) ?? (needs === 'authority' ? secrets.get(path + AUTHORITY_SUFFIX) : undefined)
  );
}

export const clientNeeds = ({ mode }: ClientTlsSpec): 'all' | 'authority' =>
  mode === 'MUTUAL' ? 'all' : 'authority';

/**
 * What a client does not find in it. A credential that is named is there to check the server by: as in Istio it
 * never means those authorities that everybody trusts.
 */
export function missingForClient(
  { mode, credentialName, insecureSkipVerify }: ClientTlsSpec,
  { cert, key, ca }: SecretCredential,
): 'certificate' | 'authority' | undefined {
  if (mode === 'MUTUAL' && !(cert && key)) return 'certificate';
  return credentialName && !insecureSkipVerify && !ca ? 'authority' : undefined;
}

/** The Secrets that the rule's clients may find, by `namespace/credentialName`. */
export function secretsForClients(
  secrets: SecretCredentials,
  rule: DestinationRule,
  { tls, credentialName }: ClientCredentialUse,
): SecretCredentials {
  const found = new Map<string, SecretCredential>();
  for (const one of secrets.keys()) {
    const namespace = one.slice(0, one.indexOf('/'));
    const path = `${namespace}/${credentialName}`;
    if (found.has(path) || !mayHaveClients(rule, namespace)) continue;
    const secret = findSecret(secrets, path, clientNeeds(tls));
    if (secret) found.set(path, secret);
  }
  return found;
}

/** Whether a client of the rule may look for this Secret, be it there or not. */
export function clientsMayFind(
  secret: string,
  rule: DestinationRule,
  { tls, credentialName }: ClientCredentialUse,
): boolean {
  const slash = secret.indexOf('/');
  const name = secret.slice(slash + 1);
  const alone = clientNeeds(tls) === 'authority' && name === credentialName + AUTHORITY_SUFFIX;
  return (name === credentialName || alone) && mayHaveClients(rule, secret.slice(0, slash));
}

// Credentials of DestinationRules: whether clients find the Secret that a rule names, and in it what they need.

import { nearest } from '@clover/model';
import type { DestinationRule } from '../resource.ts';
import {
  clientCredentials,
  clientNeeds,
  mayHaveClients,
  missingForClient,
  secretsForClients,
  type ClientCredentialUse,
} from '../secret/client-credential.ts';
import { AUTHORITY_SUFFIX } from '../secret/credential-of.ts';
import type { SecretCredentials } from '../secret/secret-credentials.ts';
import type { Report } from './analyze.ts';

export interface KnownCredentials {
  readonly secrets: SecretCredentials;
  /** Whether there is one of this name elsewhere than in Secrets. */
  readonly hasCredential: (name: string) => boolean;
}

/** Who a rule's clients are is not known here: one Secret that is good in a namespace where they may be is enough. */
export function checkClientCredentials(
  rule: DestinationRule,
  known: KnownCredentials,
  report: Report,
): void {
  for (const use of clientCredentials(rule)) {
    const fault = faultOf(rule, use, known);
    if (fault)
      report(rule, [...use.path, 'credentialName'], {
        code: 'CLV236',
        severity: 'warning',
        ...fault,
      });
  }
}

interface Fault {
  readonly message: string;
  readonly hint: string;
}

function faultOf(
  rule: DestinationRule,
  use: ClientCredentialUse,
  { secrets, hasCredential }: KnownCredentials,
): Fault | undefined {
  const { tls, credentialName: name } = use;
  const faults: Fault[] = [];
  for (const [path, secret] of secretsForClients(secrets, rule, use)) {
    const missing = missingForClient(tls, secret);
    if (!missing) return undefined;
    faults.push(
      missing === 'certificate'
        ? {
            message: `Secret ${path} has no certificate with its key, which ${tls.mode} needs`,
            hint: 'add tls.crt and tls.key to it',
          }
        : {
            message: `Secret ${path} has no authority to check ${rule.spec.host} by, which ${tls.mode} needs`,
            hint: `add ca.crt to it, or a Secret ${name}${AUTHORITY_SUFFIX}`,
          },
    );
  }
  if (faults[0]) return faults[0];
  const names = clientNeeds(tls) === 'all' ? [name] : [name, name + AUTHORITY_SUFFIX];
  return names.some(hasCredential) ? undefined : unknown(rule, use, secrets);
}

function unknown(
  rule: DestinationRule,
  { tls, credentialName: name }: ClientCredentialUse,
  secrets: SecretCredentials,
): Fault {
  const { namespace } = rule.metadata;
  const { workloadSelector } = rule.spec;
  const message = workloadSelector
    ? `there is no Secret ${namespace}/${name}`
    : `there is no Secret ${name} in a namespace that sees this rule`;
  const elsewhere = [...secrets.keys()].find((one) => one.endsWith(`/${name}`));
  if (elsewhere)
    return {
      message,
      hint: `${elsewhere} is where no client of the rule is: clients look into their own namespace`,
    };
  const seen = [...secrets.keys()].filter((one) =>
    mayHaveClients(rule, one.slice(0, one.indexOf('/'))),
  );
  const close = nearest(`${namespace}/${name}`, seen);
  const keys = clientNeeds(tls) === 'all' ? 'tls.crt, tls.key and ca.crt' : 'ca.crt';
  return {
    message,
    hint: close
      ? `did you mean ${close}?`
      : `apply one with ${keys} in the namespace of the clients, or put ${keys} into the folder ${name} of --mesh-credentials`,
  };
}

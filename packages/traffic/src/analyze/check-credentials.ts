// Credentials: whether the Secret that a gateway's server names is there and has what the server needs, the
// same of DestinationRules, and whether what Secrets hold is valid today.

import { nearest } from '@clover/model';
import { gatewayProgram } from '../gateway-program.ts';
import type { Gateway, Resource, Secret, ServerTls } from '../resource.ts';
import { certificatesIn } from '../secret/certificates.ts';
import { AUTHORITY_SUFFIX, valueOf } from '../secret/credential-of.ts';
import { secretCredentials, type SecretCredentials } from '../secret/secret-credentials.ts';
import { CREDENTIAL_KEYS } from '../secret/secret-spec.ts';
import { pathOf } from '../validate/secret.ts';
import type { Report } from './analyze.ts';
import { checkClientCredentials, type KnownCredentials } from './check-client-credentials.ts';

export interface CredentialOptions {
  /** Whether there is a credential of this name elsewhere than in Secrets. */
  readonly hasCredential?: (name: string) => boolean;
  readonly nowMs: number;
}

export function checkCredentials(
  resources: readonly Resource[],
  { hasCredential = () => false, nowMs }: CredentialOptions,
  report: Report,
): void {
  const known = { secrets: secretCredentials(resources), hasCredential };
  for (const one of resources) {
    if (one.kind === 'Secret') checkDates(one, nowMs, report);
    if (one.kind === 'Gateway') checkServers(one, known, report);
    if (one.kind === 'DestinationRule') checkClientCredentials(one, known, report);
  }
}

const ENDING: readonly (string | undefined)[] = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'];

function checkServers(gateway: Gateway, known: KnownCredentials, report: Report): void {
  const { namespace } = gatewayProgram(gateway);
  for (const [index, { tls }] of (gateway.spec.servers ?? []).entries()) {
    if (!tls?.credentialName || !ENDING.includes(tls.mode)) continue;
    const fault = faultOf(tls, namespace, known);
    if (fault)
      report(gateway, ['spec', 'servers', index, 'tls', 'credentialName'], {
        code: 'CLV236',
        severity: 'warning',
        ...fault,
      });
  }
}

function faultOf(
  { credentialName, mode }: ServerTls,
  namespace: string,
  { secrets, hasCredential }: KnownCredentials,
): { message: string; hint: string } | undefined {
  const name = credentialName!;
  const wanted = `${namespace}/${name}`;
  const secret = secrets.get(wanted);
  if (!secret) return hasCredential(name) ? undefined : unknown(name, namespace, secrets);
  if (!secret.cert || !secret.key)
    return {
      message: `Secret ${wanted} has no certificate with its key`,
      hint: 'add tls.crt and tls.key to it',
    };
  if (mode !== 'SIMPLE' && !secret.ca)
    return {
      message: `Secret ${wanted} has no authority to check clients by, which ${mode} needs`,
      hint: `add ca.crt to it, or a Secret ${name}${AUTHORITY_SUFFIX}`,
    };
  return undefined;
}

function unknown(name: string, namespace: string, secrets: SecretCredentials) {
  const message = `there is no Secret ${namespace}/${name}`;
  const elsewhere = [...secrets.keys()].find((one) => one.endsWith(`/${name}`));
  if (elsewhere)
    return {
      message,
      hint: `${elsewhere} is in another namespace than the gateway: put it into ${namespace}`,
    };
  const close = nearest(`${namespace}/${name}`, [...secrets.keys()]);
  return {
    message,
    hint: close
      ? `did you mean ${close}?`
      : `apply one of type kubernetes.io/tls in namespace ${namespace}, or put ${name}/tls.crt and ${name}/tls.key into the folder of --mesh-credentials`,
  };
}

function checkDates(secret: Secret, nowMs: number, report: Report): void {
  for (const name of [...CREDENTIAL_KEYS.cert, ...CREDENTIAL_KEYS.ca]) {
    const pem = valueOf(secret.spec, name);
    const chain = pem === undefined ? undefined : certificatesIn(pem);
    for (const { subject, validFrom, validTo } of chain ?? []) {
      const late = Date.parse(validTo) < nowMs;
      if (!late && Date.parse(validFrom) <= nowMs) continue;
      const whose = subject ? ` (${subject.replaceAll('\n', ', ')})` : '';
      const when = new Date(Date.parse(late ? validTo : validFrom)).toISOString();
      report(secret, pathOf(secret.spec, name), {
        code: 'CLV238',
        severity: 'warning',
        message: `a certificate in ${name}${whose} ${late ? 'expired at' : 'is not valid before'} ${when}`,
        hint: late
          ? 'clients refuse it: renew it and apply the Secret again'
          : 'clients refuse it until then: is the clock right?',
      });
    }
  }
}

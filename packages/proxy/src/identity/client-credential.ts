// The certificates of a client towards a destination: those of the credential or the files that a
// DestinationRule's `tls` names.

import { createSecureContext, type SecureContext } from 'node:tls';
import { clientNeeds, missingForClient } from '@clover/traffic';
import { badCredential } from '../errors.ts';
import type { TlsDestination } from '../upstream/create-clusters.ts';
import { openCredential, type Credential, type CredentialPem } from './credential.ts';
import type { Credentials } from './credentials.ts';

export type ClientTlsSettings = NonNullable<TlsDestination['tls']>;

export interface ClientCredentialOptions {
  readonly credentials: Credentials;
  /** The client's, where Secrets are looked for. */
  readonly namespace: string;
  /** Stands in errors where no credential is named. */
  readonly label: string;
}

const MISSING = {
  certificate: 'MUTUAL needs a certificate',
  authority: 'it has no authority to check the destination by',
} as const;

/**
 * Gives the context of the certificates as they are by then, the same while they are. It throws CloverError
 * `proxy.bad_credential` where something is missing.
 */
export function openClientCredential(
  tls: ClientTlsSettings,
  options: ClientCredentialOptions,
): () => SecureContext {
  let credential: Credential | undefined;
  let last: { pem: CredentialPem; context: SecureContext } | undefined;
  return () => {
    const opened = credential ?? open(tls, options);
    const pem = opened.read();
    if (last?.pem === pem) return last.context;
    const missing = missingForClient(tls, pem);
    if (missing) throw badCredential(tls.credentialName ?? options.label, MISSING[missing]);
    // Before it was any good, a file that is added since has to be found.
    credential = opened;
    last = { pem, context: createSecureContext(contextOptions(tls, pem)) };
    return last.context;
  };
}

function open(
  tls: ClientTlsSettings,
  { credentials, namespace }: ClientCredentialOptions,
): Credential {
  const { mode, credentialName, clientCertificate, privateKey, caCertificates } = tls;
  if (credentialName) return credentials.open(credentialName, namespace, clientNeeds(tls));
  const authority = caCertificates === 'system' ? undefined : caCertificates || undefined;
  if (mode !== 'MUTUAL') return openCredential({ authority });
  return openCredential({
    certificate: clientCertificate || undefined,
    key: privateKey || undefined,
    authority,
  });
}

/** Only what the mode needs. Without an authority of one's own the system's are trusted. */
function contextOptions({ mode }: ClientTlsSettings, { cert, key, ca }: CredentialPem) {
  return {
    ...(mode === 'MUTUAL' && cert && key && { cert, key }),
    ...(ca && { ca }),
    minVersion: 'TLSv1.2',
  } as const;
}

// TLS that ends at a gateway, as the `tls` of a Gateway's server says. Which server a connection is for
// is known before, from its ClientHello: each has its own rules for clients.

import type { Socket } from 'node:net';
import {
  createSecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import type { ServerTls } from '@clover/traffic';
import { badCredential } from '../errors.ts';
import { checkAltNames, checkMeshPeer } from './certificate-names.ts';
import { openCredential, type Credential, type CredentialPem } from './credential.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import type { Identities, Identity } from './identities.ts';
import { peerCertificate } from './peer-certificate.ts';
import { onlyUri, type ServiceAccount } from './spiffe.ts';
import { createTlsTerminator, type TlsTerminator } from './tls-terminator.ts';

export interface GatewayTlsOptions {
  readonly credentials?: Credentials;
  /** For servers of mode ISTIO_MUTUAL. */
  readonly identities?: Identities;
  readonly account?: ServiceAccount;
  readonly alpn?: readonly string[];
  /** @param principal the client's SPIFFE id; '' when it has none */
  readonly onSecure: (socket: TLSSocket, principal: string) => void;
  readonly onError?: (error: Error) => void;
}

/** The server side for one server's `tls`. Throws CloverError `proxy.bad_credential` when its files are no good. */
export function createGatewayTls(tls: ServerTls, options: GatewayTlsOptions): TlsTerminator {
  const source = materialOf(tls, options);
  source();
  const names = tls.subjectAltNames ?? [];
  return createTlsTerminator({
    material: source,
    clients: clientsOf(tls),
    refuse(socket) {
      const certificate = socket.getPeerCertificate();
      if (tls.mode === 'ISTIO_MUTUAL' && options.identities)
        return checkMeshPeer(names, options.identities.trustDomain, certificate)?.message;
      return names.length > 0 ? checkAltNames(names, certificate)?.message : undefined;
    },
    ...(options.alpn && { alpn: options.alpn }),
    onSecure(socket) {
      const names = socket.authorized ? peerCertificate(socket)?.subjectaltname : undefined;
      options.onSecure(socket, onlyUri(names) ?? '');
    },
    ...(options.onError && { onError: options.onError }),
  });
}

/** Throws CloverError `proxy.bad_credential` when a server's `tls` has no files that are any good. */
export function checkGatewayTls(
  tls: ServerTls,
  options: Pick<GatewayTlsOptions, 'credentials' | 'identities' | 'account'>,
): void {
  createSecureContext(materialOf(tls, options)());
}

function materialOf(
  tls: ServerTls,
  options: Pick<GatewayTlsOptions, 'credentials' | 'identities' | 'account'>,
): () => SecureContextOptions {
  return tls.mode === 'ISTIO_MUTUAL' ? meshMaterial(options) : credentialMaterial(tls, options);
}

/** Terminators by their `tls`, made at the first connection and kept. */
export function createGatewayTerminators(options: GatewayTlsOptions): {
  accept(tls: ServerTls, socket: Socket): void;
  keep(used: readonly ServerTls[]): void;
} {
  const made = new Map<string, TlsTerminator>();
  return {
    accept(tls, socket) {
      const key = JSON.stringify(tls);
      let terminator = made.get(key);
      if (!terminator) {
        try {
          terminator = createGatewayTls(tls, options);
        } catch (error) {
          socket.destroy();
          options.onError?.(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        made.set(key, terminator);
      }
      terminator.accept(socket);
    },
    keep(used) {
      const wanted = new Set(used.map((one) => JSON.stringify(one)));
      for (const [key, one] of made) {
        if (wanted.has(key)) continue;
        one.close();
        made.delete(key);
      }
    },
  };
}

function clientsOf({ mode }: ServerTls): 'required' | 'optional' | 'unasked' {
  if (mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL') return 'required';
  return mode === 'OPTIONAL_MUTUAL' ? 'optional' : 'unasked';
}

function meshMaterial({
  identities,
  account,
}: Pick<GatewayTlsOptions, 'identities' | 'account'>): () => SecureContextOptions {
  if (!identities || !account)
    throw badCredential('ISTIO_MUTUAL', 'there are no identities in this mesh');
  let last: { identity: Identity; material: SecureContextOptions } | undefined;
  return () => {
    const identity = identities.of(account);
    if (last?.identity !== identity) {
      const { keyPem: key, certificatePem: cert } = identity;
      last = {
        identity,
        material: { key, cert, ca: identities.authorityPem, minVersion: 'TLSv1.2' },
      };
    }
    return last.material;
  };
}

function credentialMaterial(
  tls: ServerTls,
  {
    credentials = createCredentials({}),
    account,
  }: Pick<GatewayTlsOptions, 'credentials' | 'account'>,
): () => SecureContextOptions {
  const credential: Credential = tls.credentialName
    ? credentials.open(tls.credentialName, account?.namespace ?? '')
    : openCredential({
        certificate: tls.serverCertificate,
        key: tls.privateKey,
        authority: tls.caCertificates,
      });
  const verifies = clientsOf(tls) !== 'unasked';
  let last: { pem: CredentialPem; material: SecureContextOptions } | undefined;
  return () => {
    const pem = credential.read();
    if (last?.pem === pem) return last.material;
    const { cert, key, ca } = pem;
    const name = tls.credentialName ?? tls.serverCertificate ?? '';
    if (!cert || !key) throw badCredential(name, 'it has no certificate and key');
    if (verifies && !ca) throw badCredential(name, 'it has no authority to verify clients by');
    const material: SecureContextOptions = {
      cert,
      key,
      ...(verifies && ca && { ca }),
      minVersion: version(tls.minProtocolVersion) ?? 'TLSv1.2',
      ...(version(tls.maxProtocolVersion) && { maxVersion: version(tls.maxProtocolVersion) }),
      ...(tls.cipherSuites?.length && { ciphers: tls.cipherSuites.join(':') }),
    };
    last = { pem, material };
    return material;
  };
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLSV1_0: 'TLSv1',
  TLSV1_1: 'TLSv1.1',
  TLSV1_2: 'TLSv1.2',
  TLSV1_3: 'TLSv1.3',
};
const version = (name: string | undefined) => (name === undefined ? undefined : VERSIONS[name]);

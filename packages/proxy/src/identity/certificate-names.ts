// Whether a certificate carries a name that was asked for, and what to say when it does not.

import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { onlyUri } from './spiffe.ts';

type Names = Pick<PeerCertificate, 'subjectaltname'>;

/** Names as DestinationRules and ServiceEntries write them: any of them exactly, be it a URI, a DNS name or an address. */
export function checkAltNames(wanted: readonly string[], certificate: Names): Error | undefined {
  const found = new Set(
    (certificate.subjectaltname ?? '').split(', ').map((one) => one.slice(one.indexOf(':') + 1)),
  );
  return wanted.some((one) => found.has(one))
    ? undefined
    : new Error(
        `the certificate is for ${[...found].join(', ') || 'nobody'}, not ${wanted.join(' or ')}`,
      );
}

/** A program of the mesh: one of the ids, or any of the trust domain when none is known. */
export function checkMeshPeer(
  ids: readonly string[],
  trustDomain: string,
  certificate: Names,
): Error | undefined {
  const id = onlyUri(certificate.subjectaltname) ?? '';
  const known = ids.length > 0 ? ids.includes(id) : id.startsWith(`spiffe://${trustDomain}/`);
  return known
    ? undefined
    : new Error(`the peer is ${id || 'nobody'}, not ${ids.join(' or ') || `of ${trustDomain}`}`);
}

/** As web clients do. */
export function checkHostName(host: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(host, certificate);
}

// SPIFFE ids of service accounts, as Istio writes them.

import type { X509Certificate } from 'node:crypto';

export interface ServiceAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** `spiffe://cluster.local/ns/NS/sa/SA`; without an account it is `default`'s. */
export function spiffeId(
  { namespace, serviceAccount }: ServiceAccount,
  trustDomain = 'cluster.local',
): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount || 'default'}`;
}

/** Undefined for anything else. */
export function parseSpiffeId(id: string): (ServiceAccount & { trustDomain: string }) | undefined {
  const match = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(id);
  if (!match) return undefined;
  const [, trustDomain, namespace, serviceAccount] = match as unknown as [
    string,
    string,
    string,
    string,
  ];
  return { trustDomain, namespace, serviceAccount };
}

/** The one URI of a certificate; undefined when it has none, or several, which SPIFFE forbids. */
export function spiffeIdOf(
  certificate: Pick<X509Certificate, 'subjectAltName'>,
): string | undefined {
  return onlyUri(certificate.subjectAltName);
}

/** Of names as Node writes them: `URI:spiffe://…, DNS:…`. A name with odd characters is quoted there, and then not taken. */
export function onlyUri(names: string | undefined): string | undefined {
  const uris = (names ?? '').split(', ').filter((one) => one.startsWith('URI:'));
  return uris.length === 1 ? uris[0]!.slice(4) : undefined;
}

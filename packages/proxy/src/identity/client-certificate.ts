// What `x-forwarded-client-cert` says of a client, in Envoy's form
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert).

import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { peerCertificate } from './peer-certificate.ts';

/**
 * '' for a client that showed no certificate or none that is believed. `whole`: with the certificate itself, as
 * Istio's gateways have it.
 */
export function clientCertificate(socket: Socket, whole: boolean): string {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return '';
  const peer = peerCertificate(socket);
  if (peer === undefined) return '';
  const shown = new X509Certificate(peer.raw);
  const own = namesOf(
    (socket.getCertificate() as Partial<PeerCertificate> | null)?.subjectaltname,
    'URI',
  )[0];
  const uris = namesOf(shown.subjectAltName, 'URI');
  return [
    ...(own === undefined ? [] : [`By=${own}`]),
    `Hash=${shown.fingerprint256.replaceAll(':', '').toLowerCase()}`,
    ...(whole ? [`Cert="${encodeURIComponent(shown.toString())}"`] : []),
    `Subject="${subjectOf(shown)}"`,
    ...(uris.length === 0 ? ['URI='] : uris.map((one) => `URI=${one}`)),
    ...namesOf(shown.subjectAltName, 'DNS').map((one) => `DNS=${one}`),
  ].join(';');
}

/** Alternative names of a kind; those that Node quotes, because they could be taken for several, are left out. */
function namesOf(names: string | undefined, kind: 'URI' | 'DNS'): string[] {
  return (names ?? '')
    .split(', ')
    .filter((one) => one.startsWith(`${kind}:`))
    .map((one) => one.slice(kind.length + 1))
    .filter((one) => /^[!#-+\--:<-~]+$/.test(one));
}

/** As RFC 2253 writes it: the last part first. */
function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? '')
    .split('\n')
    .toReversed()
    .join(',')
    .replaceAll(/[^ -~]/g, '?')
    .replaceAll(/["\\]/g, '\\$&');
}

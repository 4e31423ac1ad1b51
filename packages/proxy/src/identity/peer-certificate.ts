import type { PeerCertificate, TLSSocket } from 'node:tls';

/**
 * What the other side showed; undefined when it showed none. Not by `getPeerX509Certificate`: in Node 20 each
 * call of that leaves some kilobytes outside the heap behind.
 */
export function peerCertificate(socket: TLSSocket): PeerCertificate | undefined {
  const shown = socket.getPeerCertificate() as PeerCertificate | Record<string, never> | null;
  return shown?.raw === undefined ? undefined : (shown as PeerCertificate);
}

import type { RequestHead } from '../codec/head.ts';

/**
 * The protocol that a request wants to go on with; '' for none, undefined for one that is refused. As in Envoy a
 * wish for HTTP/2 is passed over. A handshake has no body: sent on with one, a server could switch in the middle of it.
 */
export function wantedUpgrade({ upgrade, bodyLength }: RequestHead): string | undefined {
  if (upgrade === '' || upgrade === 'h2c') return '';
  if (upgrade !== 'websocket') return undefined;
  return bodyLength === 0 ? upgrade : '';
}

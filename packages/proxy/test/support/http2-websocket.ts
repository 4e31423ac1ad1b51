// Web sockets over HTTP/2 as a client asks for them (RFC 8441).

import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import type { Mesh } from './mesh.ts';

/** Of a request for the web socket `/chat` at `web`. */
export const CHAT = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/chat',
  ':authority': 'web',
  'sec-websocket-version': '13',
};

/** A connection that knows what the listener takes; the caller destroys it. */
export async function openSession(mesh: Mesh, direction: string): Promise<ClientHttp2Session> {
  const { address, port } = mesh.port(direction);
  const session = connect(`http://${address}:${port}`);
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  return session;
}

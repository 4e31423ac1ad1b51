import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The name that the client of a TLS connection asked for; '' for none. */
export function serverNameOf(socket: Socket): string {
  // Node has it on server sockets only, and there it may be `false`.
  const name = socket instanceof TLSSocket ? (socket as { servername?: unknown }).servername : '';
  return typeof name === 'string' ? name : '';
}

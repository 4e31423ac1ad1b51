// Whole messages wait until everything that has arrived in this turn of the event loop is read, and
// then leave together: the other side, woken by the first, finds the others there already. Writing each
// at once would wake it for every single one, which costs more than all the rest of a request.

import type { Socket } from 'node:net';

const sockets: Socket[] = [];
const messages: (string | Buffer)[] = [];

/** `message` is a whole one: nothing else of it is written to the socket by itself. Strings are Latin-1. */
export function writeSoon(socket: Socket, message: string | Buffer): void {
  if (sockets.length === 0) setImmediate(flushWrites);
  sockets.push(socket);
  messages.push(message);
}

/** Before anything is written to a socket by itself. */
export function flushWrites(): void {
  // What errors bring about may add to the lists while they are walked.
  for (let i = 0; i < sockets.length; i++) {
    const socket = sockets[i]!;
    const message = messages[i]!;
    if (socket.destroyed) continue;
    if (typeof message === 'string') socket.write(message, 'latin1');
    else socket.write(message);
  }
  sockets.length = 0;
  messages.length = 0;
}

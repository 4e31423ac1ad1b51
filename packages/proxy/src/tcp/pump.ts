// Bytes from one connection to another and back, no faster than they are taken, each direction ending
// by itself.

import type { Socket } from 'node:net';

export interface Pump {
  /** From the client. */
  received: number;
  /** To the client. */
  sent: number;
}

/**
 * Joins two connections until both are closed. A connection that breaks takes the other with it; one
 * that ends in good order leaves the other direction open. Both should allow half-open connections.
 */
export function join(downstream: Socket, upstream: Socket): Pump {
  const pump: Pump = { received: 0, sent: 0 };
  downstream.on('data', (chunk: Buffer) => {
    pump.received += chunk.length;
    if (!upstream.write(chunk)) downstream.pause();
  });
  upstream.on('data', (chunk: Buffer) => {
    pump.sent += chunk.length;
    if (!downstream.write(chunk)) upstream.pause();
  });
  follow(downstream, upstream);
  follow(upstream, downstream);
  downstream.resume();
  upstream.resume();
  return pump;
}

function follow(from: Socket, to: Socket): void {
  to.on('drain', () => from.resume());
  // Node tells of an end before anybody listens: a client may have ended while the upstream was dialled.
  if (from.readableEnded) to.end();
  else from.on('end', () => to.end());
  from.on('error', () => {}); // its close says enough
  from.on('close', () => {
    // All that came from it was passed on, and nothing can be sent to it any more.
    if (from.readableEnded) to.destroySoon();
    else closeSoon(to);
  });
}

/** As Envoy's `delayed_close_timeout`. */
const FLUSH_MS = 1000;

/** Closes when what was written has been taken, or after a second at the latest. */
export function closeSoon(socket: Socket): void {
  if (socket.destroyed) return;
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), FLUSH_MS);
  socket.once('close', () => clearTimeout(timer));
}

// A look at the first bytes of a connection without taking them from whoever reads next.

import type { Socket } from 'node:net';

/** The first byte of a TLS handshake record. */
export const TLS_HANDSHAKE = 0x16;

/**
 * Calls back with what has come so far, again and again, until `enough` says true, the other side ends,
 * or time is up; then `done` is called with all of it, which is put back into the socket. Not called
 * when the connection fails before, or ends before it was enough.
 */
export function peek(
  socket: Socket,
  options: { enough: (bytes: Buffer) => boolean; timeoutMs: number; done: (bytes: Buffer) => void },
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const timer = setTimeout(finish, options.timeoutMs);

  function onReadable(): void {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (chunk !== null && options.enough(bytes)) finish();
  }
  function finish(): void {
    stop();
    if (socket.destroyed) return;
    if (bytes.length > 0) {
      // Nothing can be put back after the end, and who ends with half of a sentence wants no answer.
      if (socket.readableEnded) {
        socket.on('error', () => {}).destroy();
        return;
      }
      socket.unshift(bytes);
    }
    options.done(bytes);
  }
  function stop(): void {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', finish).off('close', stop).off('error', stop);
  }
  socket.on('readable', onReadable).on('end', finish).on('close', stop).on('error', stop);
}

// The server side of TLS on sockets that others have accepted. Certificates are asked for at each
// connection, so that a new one comes into use while old connections live on.

import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { peerCertificate } from './peer-certificate.ts';

export interface TlsTerminator {
  accept(socket: Socket): void;
  /** Connections live on. */
  close(): void;
}

export interface TlsTerminatorOptions {
  /** Certificate, key and authorities; the same object while nothing changed. */
  readonly material: () => SecureContextOptions;
  /** Whether clients must, may or need not show a certificate of one of the authorities. */
  readonly clients: 'required' | 'optional' | 'unasked';
  /** What is said against a client's certificate beyond its chain. */
  readonly refuse?: (socket: TLSSocket) => string | undefined;
  readonly alpn?: readonly string[];
  readonly handshakeTimeoutMs?: number;
  readonly onSecure: (socket: TLSSocket) => void;
  /** A handshake that failed; the connection is closed already. */
  readonly onError?: (error: Error) => void;
}

export function createTlsTerminator(options: TlsTerminatorOptions): TlsTerminator {
  const { clients, refuse, alpn, onSecure, onError = () => {} } = options;
  let material: SecureContextOptions | undefined;
  const server = createServer({
    requestCert: clients !== 'unasked',
    rejectUnauthorized: clients === 'required',
    handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
    ...(alpn && { ALPNProtocols: [...alpn] }),
  });
  server.on('tlsClientError', (error, socket) => {
    socket.destroy();
    onError(error);
  });
  server.on('secureConnection', (socket) => {
    const shown = peerCertificate(socket) !== undefined;
    const chain = shown && clients !== 'unasked' && !socket.authorized;
    const why = chain
      ? String(socket.authorizationError)
      : shown || clients === 'required'
        ? refuse?.(socket)
        : undefined;
    if (why === undefined) return onSecure(socket);
    socket.destroy();
    return onError(new Error(why));
  });

  return {
    accept(socket) {
      try {
        const current = options.material();
        if (current !== material) server.setSecureContext(current);
        material = current;
      } catch (error) {
        socket.destroy();
        onError(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      server.emit('connection', socket);
    },
    close() {
      server.removeAllListeners('connection');
    },
  };
}

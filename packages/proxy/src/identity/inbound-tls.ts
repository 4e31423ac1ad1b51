// The server side of mTLS between workloads, on one port with plain text where the policy allows both.

import type { Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { PeerMode } from '@clover/traffic';
import { checkMeshPeer } from './certificate-names.ts';
import type { Identities, Identity } from './identities.ts';
import { peek, TLS_HANDSHAKE } from './peek.ts';
import { peerCertificate } from './peer-certificate.ts';
import { onlyUri, type ServiceAccount } from './spiffe.ts';
import { createTlsTerminator, type TlsTerminator } from './tls-terminator.ts';

export interface InboundTlsOptions {
  readonly identities: Identities;
  /** Whose certificate is shown. */
  readonly account: ServiceAccount;
  /** Asked for each connection. */
  readonly mode: () => PeerMode;
  /** `h2`, `http/1.1` for HTTP; none for TCP. */
  readonly alpn?: readonly string[];
  /** Unread: pass it to whoever reads HTTP or bytes. */
  readonly onPlain: (socket: Socket) => void;
  /** @param principal the client's SPIFFE id */
  readonly onSecure: (socket: TLSSocket, principal: string) => void;
  readonly onError?: (error: Error) => void;
  /** How long a silent client may be waited for before it counts as plain text (protocols where the server speaks first). */
  readonly peekTimeoutMs?: number;
}

/** PERMISSIVE tells TLS by the first byte; STRICT takes nothing else; DISABLE never looks. */
export function createInboundTls(options: InboundTlsOptions): TlsTerminator {
  const { identities, account, peekTimeoutMs = 5000 } = options;
  let last: { identity: Identity; material: SecureContextOptions } | undefined;
  const terminator = createTlsTerminator({
    material() {
      const identity = identities.of(account);
      if (last?.identity !== identity)
        last = { identity, material: materialOf(identity, identities) };
      return last.material;
    },
    clients: 'required',
    refuse: (socket) =>
      checkMeshPeer([], identities.trustDomain, socket.getPeerCertificate())?.message,
    ...(options.alpn && { alpn: options.alpn }),
    onSecure(socket) {
      options.onSecure(socket, onlyUri(peerCertificate(socket)?.subjectaltname) ?? '');
    },
    ...(options.onError && { onError: options.onError }),
  });
  return {
    accept(socket) {
      switch (options.mode()) {
        case 'DISABLE':
          options.onPlain(socket);
          break;
        case 'STRICT':
          terminator.accept(socket);
          break;
        case 'PERMISSIVE':
          peek(socket, {
            enough: () => true,
            timeoutMs: peekTimeoutMs,
            done(bytes) {
              if (bytes[0] === TLS_HANDSHAKE) terminator.accept(socket);
              else options.onPlain(socket);
            },
          });
      }
    },
    close: () => terminator.close(),
  };
}

function materialOf(identity: Identity, identities: Identities): SecureContextOptions {
  return {
    key: identity.keyPem,
    cert: identity.certificatePem,
    ca: identities.authorityPem,
    minVersion: 'TLSv1.2',
  };
}

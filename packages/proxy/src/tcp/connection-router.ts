// What becomes of a connection at a port of a gateway or sidecar: its first bytes are looked at where
// they matter, TLS ends here or goes on as it is, and then it is HTTP, or bytes for a destination.

import type { Socket } from 'node:net';
import {
  decideConnection,
  type Caller,
  type ConnectionDecision,
  type RoutingTable,
} from '@clover/traffic';
import { createGatewayTerminators, type GatewayTlsOptions } from '../identity/gateway-tls.ts';
import { peek } from '../identity/peek.ts';
import { parseClientHello, type ClientHello } from './client-hello.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export interface ConnectionRouterOptions {
  /** The one in force; asked for each connection. */
  readonly table: () => RoutingTable;
  readonly caller: Caller;
  /** The gateway server's port, or the service's at a sidecar. */
  readonly port: number;
  readonly tcp: TcpProxy;
  /** Connections that carry HTTP, out of their TLS if that ends here. Unread. */
  readonly onHttp: (socket: Socket, principal: string) => void;
  readonly tls: Omit<GatewayTlsOptions, 'onSecure'>;
  /** Where the client wanted to go. Default: the address that it reached. */
  readonly destinationIp?: (socket: Socket) => string | undefined;
  /** For how long a client may keep its first bytes back where they are looked at. */
  readonly peekTimeoutMs?: number;
}

export interface ConnectionRouter {
  accept(socket: Socket): void;
  /** After another table came into force: lets go of certificates that it does not use. */
  updated(): void;
}

export function createConnectionRouter(options: ConnectionRouterOptions): ConnectionRouter {
  const { table, caller, port, tcp, onHttp, peekTimeoutMs = 15_000 } = options;
  const { destinationIp = (socket: Socket) => socket.localAddress } = options;

  function decide(socket: Socket, sni: string | undefined): ConnectionDecision {
    const ip = destinationIp(socket);
    return decideConnection(table(), caller, {
      port,
      ...(sni !== undefined && { sni }),
      ...(ip !== undefined && { destinationIp: ip }),
    });
  }

  const terminators = createGatewayTerminators({
    ...options.tls,
    onSecure(socket, principal) {
      const serverName = socket.servername || undefined;
      const { outcome } = decide(socket, serverName);
      if (outcome.kind === 'forward')
        tcp.route(socket, outcome.destinations, { serverName, principal });
      else if (outcome.kind === 'http') onHttp(socket, principal);
      else tcp.refuse(socket, { serverName, principal });
    },
  });

  function decided(socket: Socket, hello: ClientHello): void {
    const serverName = hello.kind === 'hello' ? (hello.serverName ?? '') : undefined;
    const { tls, outcome } = decide(socket, serverName);
    if (tls && hello.kind === 'hello') terminators.accept(tls, socket);
    else if (tls) tcp.refuse(socket);
    else if (outcome.kind === 'forward') tcp.route(socket, outcome.destinations, { serverName });
    else if (outcome.kind === 'http' && hello.kind !== 'hello') onHttp(socket, '');
    else tcp.refuse(socket, { serverName });
  }

  return {
    accept(socket) {
      const { chains } = table().connections(caller, port);
      if (!chains.some((one) => one.tls || one.serverNames.length > 0)) {
        decided(socket, { kind: 'none' });
        return;
      }
      let hello: ClientHello = { kind: 'incomplete' };
      peek(socket, {
        enough(bytes) {
          hello = parseClientHello(bytes);
          return hello.kind !== 'incomplete';
        },
        timeoutMs: peekTimeoutMs,
        done: () => decided(socket, hello),
      });
    },
    updated() {
      const { chains } = table().connections(caller, port);
      terminators.keep(chains.flatMap((one) => one.tls ?? []));
    },
  };
}

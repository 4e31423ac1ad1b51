// `CONNECT` at the port for HTTP_PROXY and HTTPS_PROXY: what the client sends after it goes where a
// sidecar would send it: by the server name of its TLS, by the service that it named, or, where the
// mesh lets programs out, to the host itself.

import type { Socket } from 'node:net';
import {
  decideConnection,
  hostAliases,
  type Caller,
  type ConnectionDecision,
  type RoutingTable,
} from '@clover/traffic';
import { peek } from '../identity/peek.ts';
import { splitAuthority } from '../upstream/on-demand-cluster.ts';
import type { ClusterSet } from '../upstream/cluster.ts';
import { parseClientHello, type ClientHello } from './client-hello.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export interface TunnelOptions {
  /** The one in force; asked for each tunnel. */
  readonly table: () => RoutingTable;
  readonly clusters: () => ClusterSet;
  readonly caller: Caller;
  readonly tcp: TcpProxy;
  /** For ports that carry HTTP. Unread. */
  readonly onHttp: (socket: Socket) => void;
  /** Whether a host and port are this data plane's own: that would go round for ever. */
  readonly isOwnListener: (host: string, port: number) => boolean;
  /** Who says nothing for so long leaves the first word to the server. */
  readonly peekTimeoutMs?: number;
}

/**
 * Takes the socket over, with what the client sent after its request, and gives 0; or the status of a refusal, and
 * the socket is as it was.
 */
export type OpenTunnel = (socket: Socket, authority: string, rest: Buffer) => number;

export function createTunnels(options: TunnelOptions): OpenTunnel {
  const { table, clusters, caller, tcp, onHttp, isOwnListener, peekTimeoutMs = 1000 } = options;

  function decide(host: string, port: number, sni: string | undefined): ConnectionDecision {
    const destinationIp = addressOf(table(), caller, host);
    return decideConnection(table(), caller, {
      port,
      host,
      ...(sni !== undefined && { sni }),
      ...(destinationIp !== undefined && { destinationIp }),
    });
  }

  function follow(socket: Socket, authority: string, serverName: string | undefined): void {
    const { host, port } = splitAuthority(authority)!;
    const context = { serverName, authority };
    const { outcome } = decide(host, port!, serverName);
    if (outcome.kind === 'forward') tcp.route(socket, outcome.destinations, context);
    else if (outcome.kind === 'passthrough') tcp.forward(socket, clusters().passthrough, context);
    else if (outcome.kind === 'http' && serverName === undefined) onHttp(socket);
    else tcp.refuse(socket, context);
  }

  return (socket, authority, rest) => {
    const asked = splitAuthority(authority);
    if (asked?.port === undefined) return 400;
    if (isOwnListener(asked.host, asked.port)) return 503;
    const { kind } = decide(asked.host, asked.port, asked.host).outcome;
    if (kind === 'blocked') return 502;
    if (kind === 'refused') return 404;
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    let hello: ClientHello = { kind: 'incomplete' };
    peek(socket, {
      enough(bytes) {
        hello = parseClientHello(bytes);
        return hello.kind !== 'incomplete';
      },
      timeoutMs: peekTimeoutMs,
      done: () =>
        follow(socket, authority, hello.kind === 'hello' ? (hello.serverName ?? '') : undefined),
    });
    return 0;
  };
}

/** A service's own address, or the host when it is one. */
function addressOf(table: RoutingTable, caller: Caller, host: string): string | undefined {
  if (/^[\d.]+$|:/.test(host)) return host;
  const wanted = host.toLowerCase();
  for (const service of table.services.values()) {
    if (service.addresses.length === 0) continue;
    if (service.host === wanted || hostAliases(service.host, caller.namespace).includes(wanted))
      return service.addresses.find((one) => !one.includes('/'));
  }
  return undefined;
}

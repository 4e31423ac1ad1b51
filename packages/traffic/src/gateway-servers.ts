// The servers of a gateway, and which VirtualServices and hosts they take.

import type { ViewContext } from './compile.ts';
import { HostIndex, intersection, resolveHost } from './host.ts';
import type { Gateway, GatewayServer, VirtualService } from './resource.ts';

/** A server of a gateway and what its hosts are called. */
export interface BoundServer {
  readonly gateway: Gateway;
  readonly server: GatewayServer;
  /** `namespace/name` of the Gateway. */
  readonly name: string;
}

/** Servers that end TLS themselves and see HTTP in it. */
export function tlsServers(gateway: Gateway): GatewayServer[] {
  return (gateway.spec.servers ?? []).filter(
    (one) => one.tls && !isPassthrough(one) && one.port.protocol.toUpperCase() === 'HTTPS',
  );
}

export const isPassthrough = (server: GatewayServer) =>
  server.tls?.mode === 'PASSTHROUGH' ||
  server.tls?.mode === 'AUTO_PASSTHROUGH' ||
  (server.tls !== undefined && server.tls.mode === undefined && !server.tls.httpsRedirect);

export function serversAt(context: Pick<ViewContext, 'gateways' | 'port'>): BoundServer[] {
  return context.gateways.flatMap((gateway) =>
    (gateway.spec.servers ?? [])
      .filter((one) => one.port.number === context.port)
      .map((server) => ({
        gateway,
        server,
        name: `${gateway.metadata.namespace}/${gateway.metadata.name}`,
      })),
  );
}

/** The server whose hosts take a TLS server name: exact before the longest wildcard. */
export function serverForName(
  servers: readonly BoundServer[],
  sni: string,
): BoundServer | undefined {
  const index = new HostIndex<BoundServer>();
  for (const one of servers) {
    for (const raw of one.server.hosts)
      index.add(raw.slice(raw.indexOf('/') + 1).toLowerCase(), one);
  }
  return index.find(sni.toLowerCase());
}

export function bindsTo(virtualService: VirtualService, gateway: string): boolean {
  return (virtualService.spec.gateways ?? []).some(
    (raw) => gatewayName(raw, virtualService.metadata.namespace) === gateway,
  );
}

export function gatewayName(raw: string, namespace: string): string {
  return raw === 'mesh' || raw.includes('/') ? raw : `${namespace}/${raw}`;
}

/** Hosts that a server and a VirtualService have in common; `ns/host` and `./host` bind VirtualServices of one namespace only. */
export function sharedHosts(
  server: GatewayServer,
  gateway: Gateway,
  one: VirtualService,
): string[] {
  const home = one.metadata.namespace;
  const patterns = server.hosts.filter((raw) => {
    const slash = raw.indexOf('/');
    const namespace = slash === -1 ? '*' : raw.slice(0, slash);
    return (
      namespace === '*' || (namespace === '.' ? gateway.metadata.namespace : namespace) === home
    );
  });
  return intersection(
    patterns.map(hostOf),
    (one.spec.hosts ?? []).map((raw) => resolveHost(raw, home)),
  );
}

export const hostOf = (raw: string) => raw.slice(raw.indexOf('/') + 1).toLowerCase();

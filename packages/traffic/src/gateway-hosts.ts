// The virtual hosts of a gateway's listener at a port.

import type { ViewContext } from './compile.ts';
import {
  bindsTo,
  hostOf,
  serverForName,
  serversAt,
  sharedHosts,
  tlsServers,
} from './gateway-servers.ts';
import { HostIndex } from './host.ts';
import type { ClosedRoute, CompiledRoute, VirtualHost } from './route.ts';
import { isHttp } from './services.ts';
import { createVirtualHost } from './virtual-host.ts';
import { compileRoutes, isCatchAll } from './virtual-service-routes.ts';

/**
 * Plain HTTP servers of a port share their virtual hosts; a server that ends TLS has its own. Routes of several
 * VirtualServices for one host stand one after the other, those that take everything at the end.
 */
export function gatewayHosts(context: ViewContext, sni: string): HostIndex<VirtualHost> {
  const all = serversAt(context);
  const plain = all.filter((one) => isHttp(one.server.port.protocol));
  const secure = all.filter((one) => tlsServers(one.gateway).includes(one.server));
  const chosen =
    plain.length > 0
      ? plain
      : secure.length > 1 || sni !== ''
        ? [serverForName(secure, sni)].filter((one) => one !== undefined)
        : secure;
  const byHost = new Map<string, Entry>();
  const closed = new Map<string, readonly ClosedRoute[]>();
  const entryOf = (host: string) => {
    const known = byHost.get(host);
    if (known) return known;
    const entry: Entry = { routes: [], closed: [], httpsRedirect: false };
    byHost.set(host, entry);
    return entry;
  };
  for (const { gateway, server, name } of chosen) {
    const redirects = server.tls?.httpsRedirect === true;
    for (const one of context.virtualServices) {
      if (!bindsTo(one, name)) continue;
      const compiled = compileRoutes(context, one, name);
      for (const host of sharedHosts(server, gateway, one)) {
        // Without a rule for this gateway a VirtualService leaves the host to a wider one.
        if (compiled.routes.length === 0) {
          closed.set(host, [...(closed.get(host) ?? []), ...compiled.closed]);
          continue;
        }
        const entry = entryOf(host);
        entry.routes.push(...compiled.routes);
        entry.closed.push(...compiled.closed);
        entry.httpsRedirect ||= redirects;
      }
    }
    if (redirects) for (const raw of server.hosts) entryOf(hostOf(raw)).httpsRedirect = true;
  }
  const index = new HostIndex<VirtualHost>();
  for (const [host, entry] of byHost) {
    const last = (route: CompiledRoute) => Number(isCatchAll(route));
    const routes = entry.routes.toSorted((a, b) => last(a) - last(b));
    index.add(
      host,
      createVirtualHost(
        `${host}:${context.port}`,
        { routes, closed: [...entry.closed, ...(closed.get(host) ?? [])] },
        entry.httpsRedirect,
      ),
    );
  }
  return index;
}

interface Entry {
  readonly routes: CompiledRoute[];
  readonly closed: ClosedRoute[];
  httpsRedirect: boolean;
}

// Resources to an immutable routing table: for each kind of caller and port, its virtual hosts in
// Envoy's order. What depends only on the caller is decided here, what depends on the request in decide.

import { compileAction, compileFault, type DestinationLookup } from './action.ts';
import { requestConditions } from './conditions.ts';
import { withDelegates } from './delegate.ts';
import { findDestinationRule, findSubset, indexRules, visibleIn } from './destination-rules.ts';
import { hostAliases, hostCovers, HostIndex, intersectHosts, resolveHost } from './host.ts';
import { byAge } from './age.ts';
import type { Caller } from './request.ts';
import type {
  DestinationRule,
  Gateway,
  HttpMatch,
  HttpRoute,
  Resource,
  VirtualService,
} from './resource.ts';
import { collectServices, isHttp, selects, type ServiceInfo } from './services.ts';
import type { ClosedRoute, CompiledRoute, RuleRef, VirtualHost } from './route.ts';

export interface MeshOptions {
  /** What a sidecar does with hosts that nobody declared. */
  readonly outboundTrafficPolicy?: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly rootNamespace?: string;
}

export interface RoutingTable {
  readonly mesh: Required<MeshOptions>;
  readonly services: ReadonlyMap<string, ServiceInfo>;
  /** The virtual hosts that a caller has at a port. Worked out at the first call and kept. */
  hosts(caller: Caller, port: number): HostIndex<VirtualHost>;
  /** The DestinationRule that holds for a client's requests to a host, and its subset. */
  destinationRule(host: string, clientNamespace: string): DestinationRule | undefined;
}

/** Compiles resources into a table. The order of `resources` breaks ties between equally old VirtualServices of one name. */
export function compile(resources: readonly Resource[], mesh: MeshOptions = {}): RoutingTable {
  const options = {
    outboundTrafficPolicy: 'ALLOW_ANY',
    rootNamespace: 'istio-system',
    ...mesh,
  } as const;
  const services = collectServices(resources);
  const rules = resources
    .filter((one): one is DestinationRule => one.kind === 'DestinationRule')
    .sort(byAge);
  const gateways = resources.filter((one): one is Gateway => one.kind === 'Gateway');
  const virtualServices = withDelegates(
    resources.filter((one): one is VirtualService => one.kind === 'VirtualService').sort(byAge),
  );
  const ruleIndex = indexRules(rules);
  const views = new Map<string, HostIndex<VirtualHost>>();
  const byCaller = new WeakMap<Caller, Map<number, HostIndex<VirtualHost>>>();
  // Callers come in runs (a data plane asks for one workload after another), so the last one is kept at hand.
  let last: { caller: Caller; port: number; view: HostIndex<VirtualHost> } | undefined;
  const table: RoutingTable = {
    mesh: options,
    services,
    hosts(caller, port) {
      if (caller === last?.caller && port === last.port) return last.view;
      let ports = byCaller.get(caller);
      if (!ports) byCaller.set(caller, (ports = new Map()));
      let view = ports.get(port);
      if (!view) {
        const key = JSON.stringify([caller.via, caller.namespace, caller.labels, port]);
        const build = caller.via === 'gateway' ? gatewayHosts : sidecarHosts;
        view = views.get(key) ?? build({ table, virtualServices, gateways, caller, port });
        views.set(key, view);
        ports.set(port, view);
      }
      last = { caller, port, view };
      return view;
    },
    destinationRule(host, clientNamespace) {
      for (const namespace of new Set([
        clientNamespace,
        services.get(host)?.namespace,
        options.rootNamespace,
      ])) {
        if (namespace === undefined) continue;
        const found = findDestinationRule(ruleIndex, host, namespace, clientNamespace);
        if (found) return found;
      }
      return undefined;
    },
  };
  return table;
}

interface View {
  readonly table: RoutingTable;
  readonly virtualServices: readonly VirtualService[];
  readonly gateways: readonly Gateway[];
  readonly caller: Caller;
  readonly port: number;
}

function sidecarHosts(view: View): HostIndex<VirtualHost> {
  const { table, caller, port } = view;
  const index = new HostIndex<VirtualHost>();
  const owned = view.virtualServices.filter(
    (one) =>
      (one.spec.gateways ?? ['mesh']).includes('mesh') &&
      visibleIn(one.spec.exportTo, one.metadata.namespace, caller.namespace),
  );
  const owners = indexOwners(owned);
  for (const service of table.services.values()) {
    if (!service.ports.some((one) => one.number === port && isHttp(one.protocol))) continue;
    const owner = owners.find(service.host);
    const routes = owner ? compileRoutes(view, owner) : { routes: [], closed: [] };
    const withDefault =
      owner && routes.routes.length > 0
        ? routes
        : { ...routes, routes: [defaultRoute(view, service.host)] };
    const host: VirtualHost = {
      name: `${service.host}:${port}`,
      httpsRedirect: false,
      ...withDefault,
    };
    for (const alias of hostAliases(service.host, caller.namespace)) index.add(alias, host);
  }
  for (const owner of owned) {
    for (const raw of owner.spec.hosts ?? []) {
      const host = resolveHost(raw, owner.metadata.namespace);
      if (table.services.has(host)) continue;
      if (host.startsWith('*') && [...table.services.keys()].some((one) => hostCovers(host, one)))
        continue;
      const compiled = compileRoutes(view, owner);
      if (compiled.routes.length > 0)
        index.add(host, { name: `${host}:${port}`, httpsRedirect: false, ...compiled });
    }
  }
  return index;
}

/** The oldest VirtualService that names the host itself, else the one with the narrowest wildcard. */
function indexOwners(owned: readonly VirtualService[]): HostIndex<VirtualService> {
  const index = new HostIndex<VirtualService>();
  for (const one of owned) {
    for (const raw of one.spec.hosts ?? [])
      index.add(resolveHost(raw, one.metadata.namespace), one);
  }
  return index;
}

function gatewayHosts(view: View): HostIndex<VirtualHost> {
  const { caller, port } = view;
  const byHost = new Map<
    string,
    { routes: CompiledRoute[]; closed: ClosedRoute[]; httpsRedirect: boolean }
  >();
  for (const gateway of view.gateways) {
    if (gateway.spec.selector && !selects(gateway.spec.selector, caller.labels)) continue;
    for (const server of gateway.spec.servers ?? []) {
      if (server.port.number !== port) continue;
      for (const one of view.virtualServices) {
        if (
          !bindsTo(one, gateway) ||
          !visibleIn(one.spec.exportTo, one.metadata.namespace, caller.namespace)
        )
          continue;
        for (const host of one.spec.hosts ?? []) {
          const shared = server.hosts
            .map((raw) => serverHost(raw, gateway.metadata.namespace, one.metadata.namespace))
            .map(
              (pattern) =>
                pattern && intersectHosts(pattern, resolveHost(host, one.metadata.namespace)),
            )
            .find((found) => found !== undefined);
          if (!shared) continue;
          const entry = byHost.get(shared) ?? { routes: [], closed: [], httpsRedirect: false };
          const compiled = compileRoutes(
            view,
            one,
            `${gateway.metadata.namespace}/${gateway.metadata.name}`,
          );
          entry.routes.push(...compiled.routes);
          entry.closed.push(...compiled.closed);
          entry.httpsRedirect ||= server.tls?.httpsRedirect === true;
          byHost.set(shared, entry);
        }
      }
    }
  }
  const index = new HostIndex<VirtualHost>();
  for (const [host, entry] of byHost) {
    // Catch-all routes of one VirtualService must not hide the routes of the next.
    const last = (route: CompiledRoute) =>
      Number(route.conditions.length === 0 || isCatchAll(route));
    const routes = entry.routes.toSorted((a, b) => last(a) - last(b));
    index.add(host, {
      name: `${host}:${port}`,
      routes,
      closed: entry.closed,
      httpsRedirect: entry.httpsRedirect,
    });
  }
  return index;
}

function bindsTo(virtualService: VirtualService, gateway: Gateway): boolean {
  return (virtualService.spec.gateways ?? []).some(
    (raw) =>
      gatewayName(raw, virtualService.metadata.namespace) ===
      `${gateway.metadata.namespace}/${gateway.metadata.name}`,
  );
}

function gatewayName(raw: string, namespace: string): string {
  return raw === 'mesh' || raw.includes('/') ? raw : `${namespace}/${raw}`;
}

/** A server's host may bind to VirtualServices of one namespace: `ns/host`, `./host`. */
function serverHost(
  raw: string,
  gatewayNamespace: string,
  virtualServiceNamespace: string,
): string | undefined {
  const slash = raw.indexOf('/');
  if (slash === -1) return raw.toLowerCase();
  const namespace = raw.slice(0, slash);
  const wanted = namespace === '.' ? gatewayNamespace : namespace;
  return wanted === '*' || wanted === virtualServiceNamespace
    ? raw.slice(slash + 1).toLowerCase()
    : undefined;
}

function isCatchAll(route: CompiledRoute): boolean {
  return route.conditions.every((one) => one.field === 'uri' && isCatchAllUri(one.wants));
}
const isCatchAllUri = (wants: string) =>
  wants === 'prefix "/"' ||
  wants === 'prefix "/" in any case' ||
  wants === 'regex ".*"' ||
  wants === 'regex "*"';

/** The routes of a VirtualService for a caller, up to the first that takes everything. */
function compileRoutes(
  view: View,
  virtualService: VirtualService,
  gateway?: string,
): { routes: CompiledRoute[]; closed: ClosedRoute[] } {
  const routes: CompiledRoute[] = [];
  const closed: ClosedRoute[] = [];
  const lookup = destinationLookup(view, virtualService.metadata.namespace);
  const name = `${virtualService.metadata.namespace}/${virtualService.metadata.name}`;
  for (const [ruleIndex, rule] of (virtualService.spec.http ?? []).entries()) {
    const blocks = rule.match && rule.match.length > 0 ? rule.match : [undefined];
    for (const [blockIndex, match] of blocks.entries()) {
      const ref: RuleRef = {
        virtualService: name,
        ruleIndex,
        ruleName: rule.name ?? '',
        matchIndex: match === undefined ? -1 : blockIndex,
      };
      const reason = match && closedFor(match, view, virtualService.metadata.namespace, gateway);
      if (reason) {
        closed.push({ ref, reason });
        continue;
      }
      const action = compileAction(rule, match, lookup, view.port);
      const conditions = match ? requestConditions(match) : [];
      const route = action && { ref, conditions, action, fault: compileFault(rule.fault) };
      if (route) routes.push(route);
      else
        closed.push({ ref, reason: `redirect code ${rule.redirect?.redirectCode} does nothing` });
      if (match === undefined || (route && isCatchAll(route))) return { routes, closed };
    }
  }
  return { routes, closed };
}

/** Why a match block cannot apply to this caller; undefined when it can. */
function closedFor(
  match: HttpMatch,
  view: View,
  namespace: string,
  gateway: string | undefined,
): string | undefined {
  if (match.port !== undefined && match.port !== view.port)
    return `port ${match.port} is asked, this is ${view.port}`;
  if (match.gateways && match.gateways.length > 0) {
    const wanted = match.gateways.map((raw) => gatewayName(raw, namespace));
    return wanted.includes(gateway ?? 'mesh') ? undefined : `it is for ${wanted.join(', ')}`;
  }
  for (const [key, value] of Object.entries(match.sourceLabels ?? {})) {
    if (view.caller.labels[key] !== value) return `the caller has no label ${key}=${value}`;
  }
  if (match.sourceNamespace && match.sourceNamespace !== view.caller.namespace) {
    return `the caller is not in namespace ${match.sourceNamespace}`;
  }
  return undefined;
}

function defaultRoute(view: View, host: string): CompiledRoute {
  const rule: HttpRoute = { route: [{ destination: { host } }] };
  const action = compileAction(
    rule,
    undefined,
    destinationLookup(view, view.caller.namespace),
    view.port,
  )!;
  return {
    ref: { virtualService: undefined, ruleIndex: -1, ruleName: 'default', matchIndex: -1 },
    conditions: [],
    action,
    fault: undefined,
  };
}

function destinationLookup(view: View, namespace: string): DestinationLookup {
  return {
    find(raw, subset, port) {
      const host = resolveHost(raw, namespace);
      const service = view.table.services.get(host);
      if (!service) return { host, port: port ?? view.port, missing: 'host' };
      const target = port ?? (service.ports.length === 1 ? service.ports[0]!.number : view.port);
      if (!service.ports.some((one) => one.number === target))
        return { host, port: target, missing: 'host' };
      const known =
        subset === '' ||
        findSubset(view.table.destinationRule(host, view.caller.namespace), subset);
      return { host, port: target, missing: known ? undefined : 'subset' };
    },
  };
}

// Filter chains that a caller has at a port: tcp and tls routes of VirtualServices, a gateway's TLS
// servers, and a way for each service that has nothing of these.

import type { ViewContext } from '../compile.ts';
import {
  bindsTo,
  isPassthrough,
  serversAt,
  sharedHosts,
  type BoundServer,
} from '../gateway-servers.ts';
import { isSubset, resolveHost } from '../host.ts';
import type { L4RouteDestination, VirtualService } from '../resource.ts';
import type { ClosedRoute, RuleRef } from '../route.ts';
import { isHttp, isTls, type ServiceInfo } from '../services.ts';
import { closedForConnection, destinationLookup } from '../virtual-service-routes.ts';
import type { ConnectionDestination, FilterChain } from './filter-chain.ts';

/** A block that can never apply to this caller. */
export interface ClosedChain extends ClosedRoute {
  /** As the name of a `FilterChain`. */
  readonly name: string;
}

/** What chains are made from, and where blocks that make none are noted. */
interface Building extends ViewContext {
  readonly closed: ClosedChain[];
}

export interface ConnectionView {
  readonly closed: readonly ClosedChain[];
  readonly chains: readonly FilterChain[];
  /** What becomes of a connection that no chain takes. */
  readonly otherwise: 'refused' | 'passthrough' | 'blocked';
}

export function connectionView(context: ViewContext): ConnectionView {
  const closed: ClosedChain[] = [];
  const building = { ...context, closed };
  if (context.caller.via === 'gateway')
    return { closed, chains: gatewayChains(building), otherwise: 'refused' };
  const { outboundTrafficPolicy } = context.scope;
  return {
    closed,
    chains: sidecarChains(building),
    otherwise: outboundTrafficPolicy === 'ALLOW_ANY' ? 'passthrough' : 'blocked',
  };
}

function gatewayChains(context: Building): FilterChain[] {
  const chains: FilterChain[] = [];
  const taken = new Set<string>();
  for (const bound of serversAt(context)) {
    const { server } = bound;
    const protocol = server.port.protocol.toUpperCase();
    const tls = server.tls && !isPassthrough(server) ? server.tls : undefined;
    const hosts = server.hosts.map((raw) => raw.slice(raw.indexOf('/') + 1).toLowerCase());
    if (isHttp(protocol)) {
      chains.push(chain(bound.name, [], { destinations: undefined }));
    } else if (tls && protocol === 'HTTPS') {
      chains.push(chain(bound.name, hosts, { tls, destinations: undefined }));
    } else if (server.tls && !tls) {
      chains.push(...passthroughChains(context, bound, taken));
    } else {
      const found = firstTcpRoute(context, bound);
      if (found) chains.push(chain(bound.name, tls ? hosts : [], { tls, ...found }));
    }
  }
  return chains;
}

const chain = (
  name: string,
  serverNames: readonly string[],
  rest: Partial<FilterChain> & Pick<FilterChain, 'destinations'>,
): FilterChain => ({
  name,
  serverNames,
  destinationSubnets: [],
  tls: undefined,
  rule: undefined,
  ...rest,
});

/** The first tcp route that is open at this port, of the oldest VirtualService. */
function firstTcpRoute(
  context: Building,
  bound: BoundServer,
): Pick<FilterChain, 'destinations' | 'rule'> | undefined {
  for (const one of boundTo(context, bound)) {
    for (const [ruleIndex, rule] of (one.spec.tcp ?? []).entries()) {
      if (!rule.route?.length) continue;
      const blocks = rule.match?.length ? rule.match : [{}];
      const open = blocks.findIndex(({ port, gateways }, index) => {
        const reason = closedForConnection(
          { ...(port && { port }), ...(gateways && { gateways }) },
          context,
          one.metadata.namespace,
          bound.name,
        );
        if (reason !== undefined)
          context.closed.push({
            name: bound.name,
            ref: refOf(one, 'tcp', ruleIndex, rule.match?.length ? index : -1),
            reason,
          });
        return reason === undefined;
      });
      if (open === -1) continue;
      const matchIndex = rule.match?.length ? open : -1;
      return {
        destinations: destinationsOf(context, one, rule.route),
        rule: refOf(one, 'tcp', ruleIndex, matchIndex),
      };
    }
  }
  return undefined;
}

/** TLS that goes on as it comes: one chain for each open block, the first for a server name. */
function passthroughChains(
  context: Building,
  bound: BoundServer,
  taken: Set<string>,
): FilterChain[] {
  const chains: FilterChain[] = [];
  for (const one of boundTo(context, bound)) {
    for (const [ruleIndex, rule] of (one.spec.tls ?? []).entries()) {
      if (!rule.route?.length) continue;
      for (const [matchIndex, { port, gateways, sniHosts }] of rule.match.entries()) {
        const reason = closedForConnection(
          { ...(port && { port }), ...(gateways && { gateways }) },
          context,
          one.metadata.namespace,
          bound.name,
        );
        const names = sniHosts.map((name) => name.toLowerCase());
        // Istio passes over a block of which one name stands elsewhere already.
        const twice = names.find((name) => taken.has(name));
        if (reason !== undefined || twice !== undefined) {
          context.closed.push({
            name: bound.name,
            ref: refOf(one, 'tls', ruleIndex, matchIndex),
            reason: reason ?? `an earlier block has ${twice}`,
          });
          continue;
        }
        for (const name of names) taken.add(name);
        const destinations = destinationsOf(context, one, rule.route);
        const rule_ = refOf(one, 'tls', ruleIndex, matchIndex);
        chains.push(chain(bound.name, names, { destinations, rule: rule_ }));
      }
    }
  }
  return chains;
}

const boundTo = (context: ViewContext, { gateway, server, name }: BoundServer) =>
  context.virtualServices.filter(
    (one) => bindsTo(one, name) && sharedHosts(server, gateway, one).length > 0,
  );

function sidecarChains(context: Building): FilterChain[] {
  const { table, port, scope } = context;
  const inMesh = context.virtualServices.filter((one) =>
    (one.spec.gateways?.length ? one.spec.gateways : ['mesh']).includes('mesh'),
  );
  const chains: FilterChain[] = [];
  for (const service of table.services.values()) {
    const found = service.ports.find((one) => one.number === port);
    if (!found || !scope.importsService(service)) continue;
    if (isHttp(found.protocol)) {
      chains.push(chain(service.host, [], { destinations: undefined }));
      continue;
    }
    const own = inMesh.filter((one) =>
      (one.spec.hosts ?? []).some((raw) =>
        isSubset(service.host, resolveHost(raw, one.metadata.namespace)),
      ),
    );
    const build = isTls(found.protocol) ? tlsChains : tcpChains;
    chains.push(...build(context, service, own));
  }
  return chains;
}

function tlsChains(
  context: Building,
  service: ServiceInfo,
  own: readonly VirtualService[],
): FilterChain[] {
  const chains: FilterChain[] = [];
  const handled = new Set<string>();
  let subnets = service.addresses;
  for (const one of own) {
    for (const [ruleIndex, rule] of (one.spec.tls ?? []).entries()) {
      if (!rule.route?.length) continue;
      for (const [matchIndex, match] of rule.match.entries()) {
        const reason = closedForConnection(match, context, one.metadata.namespace, undefined);
        if (reason !== undefined) {
          const ref = refOf(one, 'tls', ruleIndex, matchIndex);
          context.closed.push({ name: service.host, ref, reason });
          continue;
        }
        if (match.destinationSubnets?.length) subnets = match.destinationSubnets;
        const key = JSON.stringify([match.sniHosts, match.destinationSubnets ?? []]);
        if (handled.has(key)) continue;
        handled.add(key);
        chains.push(
          chain(service.host, match.sniHosts, {
            destinationSubnets: subnets,
            destinations: destinationsOf(context, one, rule.route),
            rule: refOf(one, 'tls', ruleIndex, matchIndex),
          }),
        );
      }
    }
  }
  if (chains.length > 0) return chains;
  // Without an address of its own only the server name tells the service.
  const names = service.addresses.some((one) => !one.includes('/')) ? [] : [service.host];
  return [defaultChain(context, service, names)];
}

function tcpChains(
  context: Building,
  service: ServiceInfo,
  own: readonly VirtualService[],
): FilterChain[] {
  const chains: FilterChain[] = [];
  for (const one of own) {
    for (const [ruleIndex, rule] of (one.spec.tcp ?? []).entries()) {
      if (!rule.route?.length) continue;
      const destinations = destinationsOf(context, one, rule.route);
      const subnets: string[] = [];
      const blocks = rule.match?.length ? rule.match : [{}];
      for (const [matchIndex, match] of blocks.entries()) {
        const reason = closedForConnection(match, context, one.metadata.namespace, undefined);
        if (reason !== undefined) {
          const ref = refOf(one, 'tcp', ruleIndex, rule.match?.length ? matchIndex : -1);
          context.closed.push({ name: service.host, ref, reason });
          continue;
        }
        if (!match.destinationSubnets?.length) {
          const ref = refOf(one, 'tcp', ruleIndex, rule.match?.length ? matchIndex : -1);
          const destinationSubnets = service.addresses;
          return [
            ...chains,
            chain(service.host, [], { destinationSubnets, destinations, rule: ref }),
          ];
        }
        subnets.push(...match.destinationSubnets);
      }
      if (subnets.length > 0) {
        const ref = refOf(one, 'tcp', ruleIndex, 0);
        chains.push(
          chain(service.host, [], { destinationSubnets: subnets, destinations, rule: ref }),
        );
      }
    }
  }
  return [...chains, defaultChain(context, service, [])];
}

function defaultChain(
  context: ViewContext,
  service: ServiceInfo,
  serverNames: readonly string[],
): FilterChain {
  const port = service.ports.length === 1 ? service.ports[0]!.number : context.port;
  const destination = { host: service.host, subset: '', port, probability: 1, missing: undefined };
  return chain(service.host, serverNames, {
    destinationSubnets: service.addresses,
    destinations: [destination],
  });
}

function destinationsOf(
  context: ViewContext,
  one: VirtualService,
  routes: readonly L4RouteDestination[],
): ConnectionDestination[] {
  const lookup = destinationLookup(context, one.metadata.namespace, 'onlyPort');
  const kept = routes.length > 1 ? routes.filter((route) => (route.weight ?? 0) > 0) : routes;
  const total = kept.reduce((sum, route) => sum + (route.weight ?? 0), 0);
  return kept.map(({ destination, weight = 0 }) => {
    const subset = destination.subset ?? '';
    const found = lookup.find(destination.host, subset, destination.port?.number);
    return { ...found, subset, probability: kept.length === 1 ? 1 : weight / total };
  });
}

function refOf(
  one: VirtualService,
  section: 'tcp' | 'tls',
  ruleIndex: number,
  matchIndex: number,
): RuleRef {
  const virtualService = `${one.metadata.namespace}/${one.metadata.name}`;
  return { virtualService, section, ruleIndex, ruleName: '', matchIndex };
}

// The routes of one VirtualService for one caller.

import { compileAction, compileFault, type DestinationLookup } from './action.ts';
import { compileCors } from './cors.ts';
import type { ViewContext } from './compile.ts';
import { requestConditions } from './conditions.ts';
import { findSubset } from './destination-rules.ts';
import { gatewayName } from './gateway-servers.ts';
import { resolveHost } from './host.ts';
import type { HttpMatch, HttpRoute, L4Match, VirtualService } from './resource.ts';
import type { ClosedRoute, CompiledRoute, RuleRef } from './route.ts';

/** In file order up to the first that takes everything, and the blocks that can never hold for this caller. */
export function compileRoutes(
  context: ViewContext,
  virtualService: VirtualService,
  gateway?: string,
): { routes: CompiledRoute[]; closed: ClosedRoute[] } {
  const routes: CompiledRoute[] = [];
  const closed: ClosedRoute[] = [];
  const { namespace } = virtualService.metadata;
  const lookup = destinationLookup(context, namespace);
  const name = `${namespace}/${virtualService.metadata.name}`;
  for (const [ruleIndex, rule] of (virtualService.spec.http ?? []).entries()) {
    const blocks = rule.match && rule.match.length > 0 ? rule.match : [undefined];
    for (const [blockIndex, match] of blocks.entries()) {
      const ref = ruleRef(rule, { virtualService: name, ruleIndex, blockIndex });
      const reason = match && closedFor(match, context, namespace, gateway);
      if (reason) {
        closed.push({ ref, reason });
        continue;
      }
      const action = compileAction(rule, match, lookup, context);
      const conditions = match ? requestConditions(match) : [];
      const route = action && {
        ref,
        conditions,
        action,
        fault: compileFault(rule.fault),
        // Envoy asks only routes that go somewhere.
        cors: action.kind === 'forward' ? compileCors(rule.corsPolicy) : undefined,
      };
      if (route) routes.push(route);
      else
        closed.push({ ref, reason: `redirect code ${rule.redirect?.redirectCode} does nothing` });
      if (match === undefined || (route && isCatchAll(route))) return { routes, closed };
    }
  }
  return { routes, closed };
}

/** A block of a rule by where it stands in the files. */
export function ruleRef(
  { origin, name = '', match = [] }: HttpRoute,
  at: {
    readonly virtualService: string;
    readonly ruleIndex: number;
    readonly blockIndex: number;
  },
): RuleRef {
  const { virtualService, ruleIndex, blockIndex } = at;
  if (!origin) {
    const matchIndex = match.length === 0 ? -1 : blockIndex;
    return { virtualService, ruleIndex, ruleName: name, matchIndex };
  }
  const { kind, root, ruleName = name } = origin;
  return {
    virtualService: origin.name,
    ruleIndex: origin.ruleIndex,
    ruleName,
    matchIndex: origin.matchIndexes[blockIndex] ?? -1,
    ...(kind === 'VirtualService' ? {} : { source: kind }),
    ...(root ? { root } : {}),
    ...(ruleName === name ? {} : { routeName: name }),
  };
}

const TAKES_ALL = new Set([
  'prefix "/"',
  'prefix "/" in any case',
  'path prefix "/"',
  'regex ".*"',
]);

/** As Istio sees it: nothing asked but a path that is written in one of these ways. */
export function isCatchAll(route: CompiledRoute): boolean {
  return route.conditions.every((one) => one.field === 'uri' && TAKES_ALL.has(one.wants));
}

/** Why a match block cannot apply to this caller; undefined when it can. */
export function closedFor(
  match: HttpMatch,
  context: Pick<ViewContext, 'caller' | 'port'>,
  namespace: string,
  gateway: string | undefined,
): string | undefined {
  // With gateways in the block what it says about the source does not count.
  const { sourceLabels: _, sourceNamespace: __, ...rest } = match;
  return closedForConnection(match.gateways?.length ? rest : match, context, namespace, gateway);
}

/** The same for blocks of tcp and tls routes, in which everything counts. */
export function closedForConnection(
  match: Pick<L4Match, 'port' | 'gateways' | 'sourceLabels' | 'sourceNamespace'>,
  context: Pick<ViewContext, 'caller' | 'port'>,
  namespace: string,
  gateway: string | undefined,
): string | undefined {
  if (match.port && match.port !== context.port)
    return `port ${match.port} is asked, this is ${context.port}`;
  if (match.gateways && match.gateways.length > 0) {
    const wanted = match.gateways.map((raw) => gatewayName(raw, namespace));
    if (!wanted.includes(gateway ?? 'mesh')) return `it is for ${wanted.join(', ')}`;
  }
  for (const [key, value] of Object.entries(match.sourceLabels ?? {})) {
    if (context.caller.labels[key] !== value) return `the caller has no label ${key}=${value}`;
  }
  if (match.sourceNamespace && match.sourceNamespace !== context.caller.namespace)
    return `the caller is not in namespace ${match.sourceNamespace}`;
  return undefined;
}

/** Where requests to a service go when no VirtualService speaks for it. */
export function defaultRoute(context: ViewContext, host: string): CompiledRoute {
  const lookup = destinationLookup(context, context.caller.namespace);
  const action = compileAction({ route: [{ destination: { host } }] }, undefined, lookup, context)!;
  return {
    ref: { virtualService: undefined, ruleIndex: -1, ruleName: 'default', matchIndex: -1 },
    conditions: [],
    action,
    fault: undefined,
    cors: undefined,
  };
}

/**
 * A destination without a port goes to the only port of its service; for requests from a sidecar to the port that
 * the caller used, as Istio looks at services of that port only.
 */
export function destinationLookup(
  context: ViewContext,
  namespace: string,
  without: 'onlyPort' | 'callersPort' = context.caller.via === 'gateway'
    ? 'onlyPort'
    : 'callersPort',
): DestinationLookup {
  return {
    find(raw, subset, port) {
      const host = resolveHost(raw, namespace);
      const service = context.table.services.get(host);
      if (!service || !context.scope.reachesService(service))
        return { host, port: port ?? context.port, missing: 'host' };
      const only = service.ports.length === 1 && without === 'onlyPort';
      const target = port ?? (only ? service.ports[0]!.number : context.port);
      if (!service.ports.some((one) => one.number === target))
        return { host, port: target, missing: 'host' };
      const known =
        subset === '' ||
        findSubset(
          context.table.destinationRule(host, context.caller.namespace, context.caller.labels),
          subset,
        );
      return { host, port: target, missing: known ? undefined : 'subset' };
    },
  };
}

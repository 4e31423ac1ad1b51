// Where a request goes, as Envoy configured by Istio would send it. Pure: chance comes in as draws.

import { PreparedRequest, type Caller, type TrafficRequest } from './request.ts';
import type { HeaderOperations } from './resource.ts';
import type { CompiledRoute, Fault, ForwardAction, RedirectAction, RuleRef } from './route.ts';
import type { RoutingTable } from './compile.ts';

export type Outcome =
  | {
      readonly kind: 'forward';
      readonly action: ForwardAction;
      readonly path: string;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'redirect';
      readonly status: number;
      readonly location: string;
      readonly responseHeaders: readonly HeaderOperations[];
    }
  | {
      readonly kind: 'directResponse';
      readonly status: number;
      readonly body: string;
      readonly responseHeaders: readonly HeaderOperations[];
    }
  /** A host that nobody declared, sent on to where it resolves to. */
  | { readonly kind: 'passthrough' }
  /** 502: REGISTRY_ONLY and a host that nobody declared. */
  | { readonly kind: 'blocked' }
  /** 404: no virtual host, or none of its routes matches. */
  | { readonly kind: 'notFound' };

export interface Decision {
  readonly virtualHost: string | undefined;
  readonly rule: RuleRef | undefined;
  /** Comes before the outcome, each part with its own probability. */
  readonly fault: Fault | undefined;
  readonly outcome: Outcome;
}

const NOT_FOUND: Outcome = { kind: 'notFound' };

/** Decides one request. Never throws for a request; the table was checked when it was compiled. */
export function decide(table: RoutingTable, caller: Caller, request: TrafficRequest): Decision {
  const prepared = new PreparedRequest(request);
  const host = table.hosts(caller, request.port).find(prepared.hostname);
  if (!host) {
    const outcome: Outcome =
      caller.via === 'gateway'
        ? NOT_FOUND
        : { kind: table.mesh.outboundTrafficPolicy === 'ALLOW_ANY' ? 'passthrough' : 'blocked' };
    return { virtualHost: undefined, rule: undefined, fault: undefined, outcome };
  }
  if (host.httpsRedirect && prepared.scheme === 'http') {
    const location = `https://${prepared.authority}${prepared.path}${prepared.query}`;
    return {
      virtualHost: host.name,
      rule: undefined,
      fault: undefined,
      outcome: { kind: 'redirect', status: 301, location, responseHeaders: [] },
    };
  }
  for (const route of host.routes) {
    if (routeMatches(route, prepared)) {
      return {
        virtualHost: host.name,
        rule: route.ref,
        fault: route.fault,
        outcome: outcomeOf(route, prepared),
      };
    }
  }
  return { virtualHost: host.name, rule: undefined, fault: undefined, outcome: NOT_FOUND };
}

function routeMatches(route: CompiledRoute, request: PreparedRequest): boolean {
  for (const condition of route.conditions) if (!condition.matches(request)) return false;
  return true;
}

/** What a route does with a request that it takes. */
export function outcomeOf({ action }: CompiledRoute, request: PreparedRequest): Outcome {
  switch (action.kind) {
    case 'forward':
      return {
        kind: 'forward',
        action,
        path: action.rewritePath(request.path) + request.query,
        timeoutMs: action.timeoutMs,
      };
    case 'redirect':
      return {
        kind: 'redirect',
        status: action.status,
        location: redirectLocation(action, request),
        responseHeaders: action.responseHeaders,
      };
    case 'directResponse':
      return {
        kind: 'directResponse',
        status: action.status,
        body: action.body,
        responseHeaders: action.responseHeaders,
      };
  }
}

/** Envoy's `location`: what the redirect does not name stays as the request had it, default ports go. */
function redirectLocation(action: RedirectAction, request: PreparedRequest): string {
  const scheme = action.scheme ?? request.scheme;
  const port =
    action.port === undefined || isDefaultPort(scheme, action.port) ? '' : `:${action.port}`;
  const host = action.authority ?? requestHost(request, scheme, action.port !== undefined);
  const path = action.uri ?? request.path;
  const query = action.uri?.includes('?') ? '' : request.query;
  return `${scheme}://${host}${port}${path}${query}`;
}

const isDefaultPort = (scheme: string, port: number) =>
  scheme === 'https' ? port === 443 : port === 80;

/** The Host header; its port goes when another is set, or when it was the old scheme's default and the scheme changes. */
function requestHost(request: PreparedRequest, scheme: string, newPort: boolean): string {
  const colon = request.authority.lastIndexOf(':');
  if (colon <= request.authority.indexOf(']')) return request.authority;
  const port = request.authority.slice(colon);
  const wasDefault = request.scheme === 'https' ? port === ':443' : port === ':80';
  return newPort || (scheme !== request.scheme && wasDefault)
    ? request.authority.slice(0, colon)
    : request.authority;
}

/** Applies operations in order, within each: remove, set, add. Names come out in lower case. */
export function applyHeaders(
  headers: Readonly<Record<string, string>>,
  operations: readonly HeaderOperations[],
): Record<string, string> {
  const result: Record<string, string> = { ...headers };
  for (const { remove, set, add } of operations) {
    for (const name of remove ?? []) delete result[name.toLowerCase()];
    for (const [name, value] of Object.entries(set ?? {})) result[name.toLowerCase()] = value;
    for (const [name, value] of Object.entries(add ?? {})) {
      const lower = name.toLowerCase();
      result[lower] = lower in result ? `${result[lower]}, ${value}` : value;
    }
  }
  return result;
}

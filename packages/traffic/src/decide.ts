// Where a request goes, as Envoy configured by Istio would send it. Pure: chance comes in as draws.

import type { RouteView, RoutingTable } from './compile.ts';
import { answerCors } from './cors.ts';
import {
  PreparedRequest,
  RecordHead,
  type Caller,
  type RequestHead,
  type TrafficRequest,
} from './request.ts';
import type { HeaderOperations } from './resource.ts';
import type {
  CompiledRoute,
  Fault,
  ForwardAction,
  RedirectAction,
  RuleRef,
  VirtualHost,
} from './route.ts';
import { timeoutOf } from './timeout.ts';
import { findRoute } from './virtual-host.ts';

export type Outcome =
  | {
      readonly kind: 'forward';
      readonly action: ForwardAction;
      readonly path: string;
      /** 0: none. */
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
  /** The answer to a CORS preflight: 200 with the headers of `cors`. */
  | { readonly kind: 'preflight' }
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
  /** Headers that CORS sets on the answer; not on that of an abort, which comes before. */
  readonly cors: Readonly<Record<string, string>> | undefined;
}

const UNMATCHED = { rule: undefined, fault: undefined, cors: undefined } as const;
const stranger = (kind: 'notFound' | 'passthrough' | 'blocked'): Decision => ({
  virtualHost: undefined,
  ...UNMATCHED,
  outcome: { kind },
});
const NOT_FOUND = stranger('notFound');
const PASSTHROUGH = stranger('passthrough');
const BLOCKED = stranger('blocked');

// Deciding is synchronous, so one of each is enough.
const record = new RecordHead();
const prepared = new PreparedRequest();

/** Decides one request. Never throws for a request; the table was checked when it was compiled. */
export function decide(table: RoutingTable, caller: Caller, request: TrafficRequest): Decision {
  return decideHead(table.view(caller, request.port, request.sni), record.of(request));
}

/** The same for a data plane, which keeps the view of a listener and has its headers in a store of its own. */
export function decideHead(view: RouteView, head: RequestHead): Decision {
  const host = view.hosts.lookup(head.authority);
  if (!host) {
    if (view.via === 'gateway') return NOT_FOUND;
    return view.outboundTrafficPolicy === 'ALLOW_ANY' ? PASSTHROUGH : BLOCKED;
  }
  const request = prepared.of(head);
  if (host.httpsRedirect && request.scheme === 'http') {
    const location = `https://${request.authority}${request.path}${request.query}`;
    return {
      virtualHost: host.name,
      ...UNMATCHED,
      outcome: { kind: 'redirect', status: 301, location, responseHeaders: [] },
    };
  }
  const route = findRoute(host, request);
  if (!route) return { virtualHost: host.name, ...UNMATCHED, outcome: NOT_FOUND.outcome };
  return decisionOf(host, route, request, view);
}

/** What becomes of a request that a route takes. */
export function decisionOf(
  host: VirtualHost,
  route: CompiledRoute,
  request: PreparedRequest,
  view: RouteView,
): Decision {
  const cors = route.cors && answerCors(route.cors, request);
  return {
    virtualHost: host.name,
    rule: route.ref,
    fault: route.fault,
    outcome: cors?.preflight ? PREFLIGHT : outcomeOf(route, request, view.via === 'sidecar'),
    cors: cors?.headers,
  };
}

const PREFLIGHT: Outcome = { kind: 'preflight' };

function outcomeOf({ action }: CompiledRoute, request: PreparedRequest, inside: boolean): Outcome {
  switch (action.kind) {
    case 'forward':
      return {
        kind: 'forward',
        action,
        path:
          request.query === ''
            ? action.rewritePath(request.path)
            : action.rewritePath(request.path) + request.query,
        timeoutMs: timeoutOf(action, request, inside),
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
  // A default port is no port to Istio, and the Host keeps its own.
  const newPort = action.port !== undefined && !isDefaultPort(scheme, action.port);
  const port = newPort ? `:${action.port}` : '';
  const host = action.authority ?? requestHost(request, scheme, newPort);
  const path = action.rewritePath?.(request.path) ?? (action.uri || request.path);
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

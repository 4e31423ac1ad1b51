// One line of a routing table: the conditions of one match block and what happens when they hold.

import type { Condition } from './conditions.ts';
import type { Cors } from './cors.ts';
import type { HeaderOperations, HttpRetry, RuleOf } from './resource.ts';

/** Where a route stands in the files. */
export interface RuleRef {
  /** `namespace/name` of the VirtualService, or of what `source` says; undefined for a service's own default route. */
  readonly virtualService: string | undefined;
  /** The list that the rule stands in; `http` when absent. */
  readonly section?: 'tcp' | 'tls';
  readonly ruleIndex: number;
  readonly ruleName: string;
  /** Index of the match block; -1 for a rule without any. */
  readonly matchIndex: number;
  /** The kind of resource that the rule stands in when it is no VirtualService. */
  readonly source?: 'HTTPRoute' | 'GRPCRoute';
  /** The rule that handed over to this one, which stands in a delegate. */
  readonly root?: RuleOf;
  /** What the route is called where it is enforced, when that is not `ruleName`: of a delegate, with the root's name before it. */
  readonly routeName?: string;
}

export interface RouteDestination {
  readonly host: string;
  readonly subset: string;
  readonly port: number;
  /** Share of the requests of this route, 0..1. */
  readonly probability: number;
  /** Why no endpoint can be found for it: an unknown host or subset; undefined when all is well. */
  readonly missing: 'host' | 'subset' | undefined;
  readonly requestHeaders: readonly HeaderOperations[];
  readonly responseHeaders: readonly HeaderOperations[];
  /** Replaces the authority; undefined keeps it. */
  readonly authority: string | undefined;
}

export interface MirrorTarget {
  readonly host: string;
  readonly subset: string;
  readonly port: number;
  readonly probability: number;
  readonly missing: 'host' | 'subset' | undefined;
}

export interface Fault {
  readonly delay: { readonly durationMs: number; readonly probability: number } | undefined;
  readonly abort:
    | { readonly httpStatus: number; readonly grpcStatus: string; readonly probability: number }
    | undefined;
}

export interface ForwardAction {
  readonly kind: 'forward';
  readonly destinations: readonly RouteDestination[];
  readonly mirrors: readonly MirrorTarget[];
  rewritePath(path: string): string;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly retries: HttpRetry;
  /** Answer when the chosen destination cannot be found: 503, or 500 for routes of Gateway API. */
  readonly missingStatus: number;
}
export interface RedirectAction {
  readonly kind: 'redirect';
  readonly status: number;
  readonly uri: string | undefined;
  /** The path with its matched prefix replaced; undefined unless the redirect says so. */
  readonly rewritePath: ((path: string) => string) | undefined;
  readonly authority: string | undefined;
  readonly scheme: string | undefined;
  readonly port: number | undefined;
  readonly responseHeaders: readonly HeaderOperations[];
}
export interface DirectResponseAction {
  readonly kind: 'directResponse';
  readonly status: number;
  readonly body: string;
  readonly responseHeaders: readonly HeaderOperations[];
}

export interface CompiledRoute {
  readonly ref: RuleRef;
  readonly conditions: readonly Condition[];
  readonly action: ForwardAction | RedirectAction | DirectResponseAction;
  readonly fault: Fault | undefined;
  readonly cors: Cors | undefined;
}

/** A match block that can never apply to this caller. */
export interface ClosedRoute {
  readonly ref: RuleRef;
  readonly reason: string;
}

export interface VirtualHost {
  readonly name: string;
  readonly routes: readonly CompiledRoute[];
  readonly closed: readonly ClosedRoute[];
  /** For paths that some rule asks for exactly: all routes that may take them, in order; undefined when there is no index. */
  readonly byExactPath: ReadonlyMap<string, readonly CompiledRoute[]> | undefined;
  /** The routes for all other paths. */
  readonly others: readonly CompiledRoute[];
  /** All plain HTTP requests are sent to https first. */
  readonly httpsRedirect: boolean;
}

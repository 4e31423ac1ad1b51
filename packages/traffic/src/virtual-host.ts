// The routes of a virtual host, and which of them takes a request.

import type { PreparedRequest } from './request.ts';
import type { ClosedRoute, CompiledRoute, VirtualHost } from './route.ts';

/** Below this an index costs more than it saves. */
const MIN_EXACT_PATHS = 4;
/** Entries of the index of exact paths, so that no table grows quadratic. */
const MAX_INDEXED = 200_000;

/** A virtual host ready to be asked. Rules of exact paths go into an index when there are many. */
export function createVirtualHost(
  name: string,
  rules: { routes: readonly CompiledRoute[]; closed: readonly ClosedRoute[] },
  httpsRedirect = false,
): VirtualHost {
  return { name, httpsRedirect, ...rules, ...indexExactPaths(rules.routes) };
}

/** The first route whose conditions all hold. */
export function findRoute(host: VirtualHost, request: PreparedRequest): CompiledRoute | undefined {
  const candidates = host.byExactPath
    ? (host.byExactPath.get(request.path) ?? host.others)
    : host.routes;
  for (let index = 0; index < candidates.length; index++) {
    if (holds(candidates[index]!, request)) return candidates[index];
  }
  return undefined;
}

function holds({ conditions }: CompiledRoute, request: PreparedRequest): boolean {
  for (let index = 0; index < conditions.length; index++) {
    if (!conditions[index]!.matches(request)) return false;
  }
  return true;
}

function indexExactPaths(
  routes: readonly CompiledRoute[],
): Pick<VirtualHost, 'byExactPath' | 'others'> {
  const pathOf = (route: CompiledRoute) =>
    route.conditions.find((one) => one.exactPath !== undefined)?.exactPath;
  const paths = routes.map(pathOf);
  const known = new Set(paths.filter((path) => path !== undefined));
  const others = routes.filter((_, index) => paths[index] === undefined);
  if (known.size < MIN_EXACT_PATHS || known.size * others.length + routes.length > MAX_INDEXED)
    return { byExactPath: undefined, others: routes };
  const byExactPath = new Map<string, CompiledRoute[]>();
  const before: CompiledRoute[] = [];
  for (const [index, route] of routes.entries()) {
    const path = paths[index];
    if (path === undefined) {
      before.push(route);
      for (const list of byExactPath.values()) list.push(route);
    } else {
      const list = byExactPath.get(path);
      if (list) list.push(route);
      else byExactPath.set(path, [...before, route]);
    }
  }
  return { byExactPath, others };
}

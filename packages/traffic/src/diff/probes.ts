// What outcomes depend on beyond the conditions: requests in which a rewrite, a redirect, an operation
// on headers or a CORS policy shows, though no condition asks for it.

import { Condition } from '../conditions.ts';
import type { TrafficRequest } from '../request.ts';
import type { HttpRoute, Resource } from '../resource.ts';
import type { CompiledRoute } from '../route.ts';

/** Conditions on the path that nobody asks, so that there are paths with and without what rewrites look for. */
export function pathProbes(
  routes: readonly CompiledRoute[],
  resources: readonly Resource[],
): Condition[] {
  const probe = (match: ConstructorParameters<typeof Condition>[2]) =>
    new Condition('uri', { kind: 'path', name: '' }, match);
  const rules = rulesOf(routes, resources);
  const literals = rules.flatMap(({ redirect, rewrite }) => [redirect?.uri, rewrite?.uri]);
  const patterns = rules.map(({ rewrite }) => rewrite?.uriRegexRewrite?.match);
  return [
    ...[...new Set(literals)]
      .filter((one) => one?.startsWith('/') === true)
      .map((exact) => probe({ exact: exact! })),
    ...[...new Set(patterns)]
      .filter((one) => one !== undefined)
      .map((pattern) => probe({ regex: `.*(?:${pattern}).*` })),
  ];
}

/** The base request in several dresses. */
export function probeRequests(
  base: TrafficRequest,
  routes: readonly CompiledRoute[],
  resources: readonly Resource[],
): TrafficRequest[] {
  const { host = '' } = base.headers;
  const more: TrafficRequest[] = [];
  const withHeaders = (headers: Readonly<Record<string, string>>, method = base.method) =>
    more.push({ ...base, method, headers: { ...base.headers, ...headers } });
  if (routes.some(({ action }) => action.kind === 'redirect')) {
    const other = base.scheme === 'https' ? 'http' : 'https';
    more.push(
      { ...base, path: '/?clover=1' },
      { ...base, scheme: other },
      ...[80, 443, 8443].map((port) => ({
        ...base,
        headers: { ...base.headers, host: `${host}:${port}` },
      })),
    );
  }
  const touched = routes.flatMap(({ action }) =>
    action.kind === 'forward' ? action.destinations.flatMap((one) => one.requestHeaders) : [],
  );
  const names = touched.flatMap(({ set, add, remove }) => [
    ...Object.keys(set ?? {}),
    ...Object.keys(add ?? {}),
    ...(remove ?? []),
  ]);
  if (names.length > 0)
    withHeaders(Object.fromEntries(names.map((name) => [name.toLowerCase(), 'clover'])));
  const origins = rulesOf(routes, resources).flatMap(({ corsPolicy }) =>
    (corsPolicy?.allowOrigins ?? []).map(
      (one) => one.exact ?? one.prefix ?? 'https://clover.example',
    ),
  );
  for (const origin of new Set(origins)) {
    withHeaders({ origin });
    withHeaders({ origin, 'access-control-request-method': 'GET' }, 'OPTIONS');
  }
  return [base, ...more];
}

/** The rules of the VirtualServices that these routes came from, and of all delegates. */
function rulesOf(routes: readonly CompiledRoute[], resources: readonly Resource[]): HttpRoute[] {
  const names = new Set(routes.map(({ ref }) => ref.root?.virtualService ?? ref.virtualService));
  return resources.flatMap((one) =>
    one.kind === 'VirtualService' &&
    (names.has(`${one.metadata.namespace}/${one.metadata.name}`) || !one.spec.hosts?.length)
      ? (one.spec.http ?? [])
      : [],
  );
}

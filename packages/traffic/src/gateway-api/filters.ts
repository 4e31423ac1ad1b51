// Filters of a rule in Istio's words.

import type {
  CorsPolicy,
  HeaderOperations,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../resource.ts';
import type { Backends } from './backends.ts';
import type {
  HeaderFilter,
  NamedValue,
  PathModifier,
  RouteFilter,
} from './gateway-api-resource.ts';

/** What the filters of a rule make of it; undefined when one is not known, which makes the route unusable. */
export function convertFilters(
  filters: readonly RouteFilter[],
  backends: Backends,
): Pick<HttpRoute, 'headers' | 'redirect' | 'rewrite' | 'mirrors' | 'corsPolicy'> | undefined {
  const rule: Writable<
    Pick<HttpRoute, 'headers' | 'redirect' | 'rewrite' | 'mirrors' | 'corsPolicy'>
  > = {};
  for (const filter of filters) {
    if (filter.requestHeaderModifier) {
      rule.headers = { ...rule.headers, request: operationsOf(filter.requestHeaderModifier) };
    } else if (filter.responseHeaderModifier) {
      rule.headers = { ...rule.headers, response: operationsOf(filter.responseHeaderModifier) };
    } else if (filter.requestRedirect) {
      rule.redirect = redirectOf(filter.requestRedirect);
    } else if (filter.urlRewrite) {
      Object.assign(rule, rewriteOf(filter.urlRewrite));
    } else if (filter.requestMirror) {
      const { backendRef, percent, fraction } = filter.requestMirror;
      const destination = backends.destination(backendRef);
      const value = fraction ? (100 * fraction.numerator) / (fraction.denominator ?? 100) : percent;
      if (destination && !destination.unusable) {
        const mirror = { destination, ...(value !== undefined && { percentage: { value } }) };
        rule.mirrors = [...(rule.mirrors ?? []), mirror];
      }
    } else if (filter.cors) rule.corsPolicy = corsOf(filter.cors);
    else return undefined;
  }
  return rule;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Of several entries for one header the first counts. */
export function operationsOf({ set, add, remove }: HeaderFilter): HeaderOperations {
  return {
    ...(set && { set: firstByName(set) }),
    ...(add && { add: firstByName(add) }),
    ...(remove && { remove }),
  };
}

const firstByName = (list: readonly NamedValue[]) =>
  Object.fromEntries(list.toReversed().map(({ name, value }) => [name.toLowerCase(), value]));

function redirectOf(filter: NonNullable<RouteFilter['requestRedirect']>): HttpRedirect {
  const { scheme, hostname, path, port, statusCode = 302 } = filter;
  return {
    redirectCode: statusCode,
    ...(hostname && { authority: hostname }),
    ...(scheme && { scheme }),
    ...(port === undefined
      ? { derivePort: scheme ? 'FROM_PROTOCOL_DEFAULT' : 'FROM_REQUEST_PORT' }
      : { port }),
    ...(path?.type === 'ReplaceFullPath' && { uri: path.replaceFullPath ?? '' }),
    ...(path?.type === 'ReplacePrefixMatch' && { prefixRewrite: path.replacePrefixMatch ?? '' }),
  };
}

function rewriteOf({ hostname, path }: NonNullable<RouteFilter['urlRewrite']>): {
  rewrite?: HttpRewrite;
} {
  if (!hostname && !path) return {};
  return { rewrite: { ...(hostname && { authority: hostname }), ...(path && pathOf(path)) } };
}

function pathOf(path: PathModifier): HttpRewrite {
  return path.type === 'ReplaceFullPath'
    ? { uriRegexRewrite: { match: '/.*', rewrite: path.replaceFullPath ?? '' } }
    : { uri: (path.replacePrefixMatch ?? '').replace(/\/$/, '') || '/' };
}

function corsOf(filter: NonNullable<RouteFilter['cors']>): CorsPolicy {
  return {
    allowOrigins: (filter.allowOrigins ?? []).map(originOf),
    ...(filter.allowCredentials && { allowCredentials: true }),
    ...(filter.allowMethods && { allowMethods: filter.allowMethods }),
    ...(filter.allowHeaders && { allowHeaders: filter.allowHeaders }),
    ...(filter.exposeHeaders && { exposeHeaders: filter.exposeHeaders }),
    ...(filter.maxAge && { maxAge: `${filter.maxAge}s` }),
    unmatchedPreflights: 'IGNORE',
  };
}

function originOf(origin: string): { exact: string } | { prefix: string } | { regex: string } {
  if (origin === '*') return { regex: '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\\s?#]+$' };
  if (!origin.includes('*')) return { exact: origin };
  if (origin.indexOf('*') === origin.length - 1) return { prefix: origin.slice(0, -1) };
  const parts = origin.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { regex: `^${parts.join('.*')}$` };
}

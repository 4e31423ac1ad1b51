// A rule of a GRPCRoute, for one of its matches, as a rule of a VirtualService: a call is a path
// `/service/method`.

import type { HttpRoute, StringMatch } from '../resource.ts';
import type { Backends } from './backends.ts';
import { withDestinations } from './destinations.ts';
import { convertFilters } from './filters.ts';
import type { GrpcRouteMatch, GrpcRouteRule } from './gateway-api-resource.ts';
import { byName } from './http-rules.ts';

/** Undefined when the rule cannot be used, and with it its whole route. */
export function convertGrpcRule(
  rule: GrpcRouteRule,
  match: GrpcRouteMatch | undefined,
  backends: Backends,
): HttpRoute | undefined {
  const filters = convertFilters(rule.filters ?? [], backends);
  if (!filters) return undefined;
  const uri = match && uriOf(match.method);
  const block = {
    ...(uri && { uri, segments: uri.prefix !== undefined }),
    ...(match?.headers?.length && { headers: byName(match.headers) }),
  };
  return withDestinations(
    { ...(match && { match: [block] }), ...filters },
    rule.backendRefs,
    backends,
  );
}

function uriOf(wanted: GrpcRouteMatch['method']): StringMatch | undefined {
  if (!wanted) return undefined;
  const { type = 'Exact', service, method } = wanted;
  if (type === 'RegularExpression') return { regex: `/${service ?? '[^/]+'}/${method ?? '.+'}` };
  if (method === undefined) return { prefix: `/${service}` };
  return service === undefined ? { regex: `/[^/]+/${method}` } : { exact: `/${service}/${method}` };
}

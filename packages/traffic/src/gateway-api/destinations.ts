// What a rule does in the end: the shares of its backends, or 500 when there are none.

import type { HttpRoute, HttpRouteDestination } from '../resource.ts';
import type { Backends } from './backends.ts';
import { convertFilters } from './filters.ts';
import type { RouteBackend } from './gateway-api-resource.ts';

/** Undefined when a backend cannot be used at all, and with it the whole route. */
export function withDestinations(
  rule: HttpRoute,
  references: readonly RouteBackend[] | undefined,
  backends: Backends,
): HttpRoute | undefined {
  if (rule.redirect) return rule;
  const used = (references ?? []).filter((one) => (one.weight ?? 1) > 0);
  if (used.length === 0) return { ...rule, directResponse: { status: 500 } };
  const route: HttpRouteDestination[] = [];
  for (const one of used) {
    const destination = backends.destination(one);
    const filters = convertFilters(one.filters ?? [], backends);
    if (!destination || !filters) return undefined;
    const { headers } = filters;
    route.push({ destination, weight: one.weight ?? 1, ...(headers && { headers }) });
  }
  return { ...rule, route };
}

// Backends of a route: services, by name or (Istio's own way) by host name, and whether the route may
// use those of another namespace.

import type { Destination, GrpcRoute, HttpRouteResource, Resource } from '../resource.ts';
import type { BackendReference } from './gateway-api-resource.ts';

export interface Backends {
  /** Where a reference leads; undefined when it has no port, which makes the whole route unusable. */
  destination(reference: BackendReference): Destination | undefined;
}

export function createBackends(
  route: HttpRouteResource | GrpcRoute,
  resources: readonly Resource[],
  { grantsNeeded }: { grantsNeeded: boolean },
): Backends {
  return {
    destination(reference) {
      const unusable = whyUnusable(route, reference, resources, grantsNeeded);
      if (unusable) return { host: reference.name, unusable: true };
      if (reference.port === undefined) return undefined;
      return { host: backendHost(route, reference), port: { number: reference.port } };
    },
  };
}

export function backendHost(
  route: HttpRouteResource | GrpcRoute,
  { kind, name, namespace = route.metadata.namespace }: BackendReference,
): string {
  return kind === 'Hostname' ? name : `${name}.${namespace}.svc.cluster.local`;
}

/** Why the share of a backend gets 500 whatever it is; undefined when it can be tried. */
export function whyUnusable(
  route: HttpRouteResource | GrpcRoute,
  { kind = 'Service', name, namespace }: BackendReference,
  resources: readonly Resource[],
  grantsNeeded: boolean,
): string | undefined {
  const home = route.metadata.namespace;
  if (kind !== 'Service' && kind !== 'Hostname') return `a ${kind} is no backend here`;
  if (!grantsNeeded || namespace === undefined || namespace === home) return undefined;
  const granted = resources.some(
    (one) =>
      one.kind === 'ReferenceGrant' &&
      one.metadata.namespace === namespace &&
      one.spec.from.some((from) => from.kind === route.kind && from.namespace === home) &&
      one.spec.to.some((to) => to.kind === kind && (!to.name || to.name === name)),
  );
  return granted
    ? undefined
    : `no ReferenceGrant in ${namespace} lets a ${route.kind} of ${home} use it`;
}

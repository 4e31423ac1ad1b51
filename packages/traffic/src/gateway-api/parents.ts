// Where a route is attached: to listeners of Gateways that let it, or to services in the mesh.

import { isSubset, matchEither } from '../host.ts';
import type { GrpcRoute, HttpRouteResource, KubernetesGateway, Resource } from '../resource.ts';
import type { Listener, ParentReference } from './gateway-api-resource.ts';
import { listenerGateway } from './gateways.ts';

export interface Attachment {
  /** Routes with the same key and host are joined. */
  readonly key: string;
  /** `namespace/name` of the Gateway that stands for the listener, or `mesh`. */
  readonly gateway: string;
  readonly hosts: readonly string[];
  /** The only port of a service that is meant; undefined for all, and for listeners. */
  readonly port: number | undefined;
}

type Route = HttpRouteResource | GrpcRoute;

export function attachments(
  route: Route,
  gateways: readonly KubernetesGateway[],
  resources: readonly Resource[],
): Attachment[] {
  const all = (route.spec.parentRefs ?? []).flatMap((parent) =>
    (parent.kind ?? 'Gateway') === 'Gateway'
      ? toListeners(route, parent, gateways)
      : toService(route, parent, resources),
  );
  return all.toSorted((a, b) => (a.gateway < b.gateway ? -1 : a.gateway > b.gateway ? 1 : 0));
}

/** Why a route may not bind to a listener; undefined when it may. */
export function refusal(
  route: Route,
  parent: ParentReference,
  gateway: KubernetesGateway,
  listener: Listener,
): string | undefined {
  if (parent.port && parent.port !== listener.port)
    return `port ${parent.port} is not ${listener.port}`;
  if (parent.sectionName && parent.sectionName !== listener.name)
    return `section ${parent.sectionName} is not ${listener.name}`;
  const { namespaces, kinds } = listener.allowedRoutes ?? {};
  const from = namespaces?.from ?? 'Same';
  const home = route.metadata.namespace;
  const wanted = Object.entries(namespaces?.selector?.matchLabels ?? {});
  const selected = wanted.every(
    ([label, value]) => label === 'kubernetes.io/metadata.name' && value === home,
  );
  const open =
    from === 'All' ||
    (from === 'Same' && home === gateway.metadata.namespace) ||
    (from === 'Selector' && selected);
  if (!open) return `it takes no routes of namespace ${home}`;
  const allowed = kinds?.length ? kinds.map((one) => one.kind) : (KINDS[listener.protocol] ?? []);
  if (!allowed.includes(route.kind)) return `it takes no ${route.kind}`;
  const hosts = route.spec.hostnames?.length ? route.spec.hostnames : ['*'];
  const mine = listener.hostname ?? '*';
  return hosts.some((one) => matchEither(mine, one)) ? undefined : `it is for ${mine} only`;
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
};

function toListeners(
  route: Route,
  parent: ParentReference,
  gateways: readonly KubernetesGateway[],
): Attachment[] {
  const namespace = parent.namespace ?? route.metadata.namespace;
  const gateway = gateways.find(
    (one) => one.metadata.name === parent.name && one.metadata.namespace === namespace,
  );
  if (!gateway) return [];
  return (gateway.spec.listeners ?? [])
    .filter((listener) => refusal(route, parent, gateway, listener) === undefined)
    .map((listener) => {
      const name = `${namespace}/${listenerGateway(gateway, listener)}`;
      const hosts = route.spec.hostnames?.length ? route.spec.hostnames : ['*'];
      return {
        key: name,
        gateway: name,
        hosts: hosts.filter((host) => isIsolated(host, listener, gateway)),
        port: undefined,
      };
    });
}

/** A host belongs to the narrowest listener of the port that covers it, and to no other. */
function isIsolated(host: string, listener: Listener, gateway: KubernetesGateway): boolean {
  const mine = listener.hostname ?? '';
  if (mine !== '' && !mine.startsWith('*')) return true;
  if (mine !== '' && !matchEither(host, mine)) return false;
  return !(gateway.spec.listeners ?? []).some(
    (other) =>
      other !== listener &&
      other.port === listener.port &&
      other.protocol === listener.protocol &&
      other.hostname !== undefined &&
      mine.length <= other.hostname.length &&
      isSubset(host, other.hostname),
  );
}

function toService(
  route: Route,
  parent: ParentReference,
  resources: readonly Resource[],
): Attachment[] {
  const home = route.metadata.namespace;
  const namespace = parent.namespace ?? home;
  const entry = resources.find(
    (one) =>
      one.kind === parent.kind &&
      one.metadata.name === parent.name &&
      one.metadata.namespace === namespace,
  );
  if (!entry) return [];
  const hosts =
    entry.kind === 'ServiceEntry'
      ? (entry.spec.hosts ?? [])
      : [`${parent.name}.${namespace}.svc.cluster.local`];
  const key = parent.port === undefined ? home : `${home}/${parent.port}`;
  return [{ key, gateway: 'mesh', hosts, port: parent.port }];
}

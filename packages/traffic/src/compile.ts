// Resources to an immutable routing table: for each kind of caller and port, its virtual hosts in
// Envoy's order. What depends only on the caller is worked out here, at the first question and once;
// what depends on the request in decide.

import { byAge } from './age.ts';
import { connectionView, type ConnectionView } from './connection/connection-view.ts';
import { callerLabels } from './caller-labels.ts';
import { withDelegates } from './delegate.ts';
import { indexRules } from './destination-rules.ts';
import { withGatewayApi } from './gateway-api/with-gateway-api.ts';
import { gatewayHosts } from './gateway-hosts.ts';
import { tlsServers } from './gateway-servers.ts';
import type { HostIndex } from './host.ts';
import type { Caller } from './request.ts';
import type { DestinationRule, Gateway, HttpRetry, Resource, VirtualService } from './resource.ts';
import type { VirtualHost } from './route.ts';
import { collectServices, type ServiceInfo } from './services.ts';
import { sidecarHosts } from './sidecar-hosts.ts';
import { scopeOf, type SidecarScope } from './sidecar-scope.ts';

export type OutboundTrafficPolicy = 'ALLOW_ANY' | 'REGISTRY_ONLY';

export interface MeshOptions {
  /** What a sidecar does with hosts that nobody declared, unless its Sidecar resource says otherwise. */
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
  readonly rootNamespace?: string;
  /** Of rules that say nothing of retries, and of services that no rule is for. */
  readonly defaultHttpRetryPolicy?: HttpRetry;
}

/** What a caller has at a port: all that depends on who asks and nothing that depends on the request. */
export interface RouteView {
  readonly via: Caller['via'];
  readonly hosts: HostIndex<VirtualHost>;
  /** Of a sidecar; a gateway answers 404 to hosts that it doesn't know. */
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
}

export interface RoutingTable {
  readonly mesh: Required<MeshOptions>;
  readonly services: ReadonlyMap<string, ServiceInfo>;
  /**
   * The virtual hosts that a caller has at a port. Worked out at the first call and kept.
   * @param sni the server name of the client's TLS, which chooses among a gateway's TLS servers
   */
  view(caller: Caller, port: number, sni?: string): RouteView;
  /** The filter chains for connections that a caller has at a port. Worked out at the first call and kept. */
  connections(caller: Caller, port: number): ConnectionView;
  /** The DestinationRule that holds for a client's requests to a host, and its subset. */
  destinationRule(
    host: string,
    clientNamespace: string,
    clientLabels?: Readonly<Record<string, string>>,
  ): DestinationRule | undefined;
}

/** What views are made from. */
export interface ViewContext {
  readonly table: RoutingTable;
  /** Those that this caller sees, by visibility and then the oldest first, with their delegates' rules in place. */
  readonly virtualServices: readonly VirtualService[];
  /** Oldest first, of those that this caller is. */
  readonly gateways: readonly Gateway[];
  readonly scope: SidecarScope;
  readonly caller: Caller;
  readonly port: number;
}

/** Istio's own. */
const DEFAULT_RETRIES: HttpRetry = {
  attempts: 2,
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled',
};

/** Compiles resources into a table. The order of `given` breaks ties between equally old VirtualServices of one name. */
export function compile(given: readonly Resource[], mesh: MeshOptions = {}): RoutingTable {
  const resources = withGatewayApi(given);
  const options = {
    outboundTrafficPolicy: 'ALLOW_ANY',
    rootNamespace: 'istio-system',
    defaultHttpRetryPolicy: DEFAULT_RETRIES,
    ...mesh,
  } as const;
  const services = collectServices(resources);
  const rules = ofKind(resources, 'DestinationRule');
  const ruleIndex = indexRules(rules);
  const gateways = ofKind(resources, 'Gateway');
  const sidecars = ofKind(resources, 'Sidecar');
  const virtualServices = withDelegates(ofKind(resources, 'VirtualService'));

  const contextOf = (caller: Caller, port: number): ViewContext => {
    const scope = scopeOf(caller, sidecars, options);
    return {
      table,
      virtualServices: byVisibility(
        virtualServices.filter((one) => scope.importsVirtualService(one)),
        caller.namespace,
      ),
      gateways: caller.via === 'gateway' ? gateways.filter((one) => isFor(one, caller)) : [],
      scope,
      caller,
      port,
    };
  };
  const buildView = (caller: Caller, port: number, sni: string): RouteView => {
    const context = contextOf(caller, port);
    return {
      via: caller.via,
      hosts: caller.via === 'gateway' ? gatewayHosts(context, sni) : sidecarHosts(context),
      outboundTrafficPolicy: context.scope.outboundTrafficPolicy,
    };
  };
  // Callers that differ in labels which no resource looks at have the same views.
  const labels = callerLabels({ virtualServices, sidecars, gateways, rules });
  const views = keptByCaller(labels, buildView);
  const chains = keptByCaller(labels, (caller, port) => connectionView(contextOf(caller, port)));
  const tlsPorts = new Set(gateways.flatMap((one) => tlsServers(one).map((s) => s.port.number)));
  const table: RoutingTable = {
    mesh: options,
    services,
    view: (caller, port, sni = '') =>
      views(caller, port, caller.via === 'gateway' && tlsPorts.has(port) ? sni : ''),
    connections: (caller, port) => chains(caller, port, ''),
    destinationRule: (host, namespace, labels = {}) =>
      ruleIndex.find(
        host,
        { namespace, labels },
        { service: services.get(host)?.namespace, root: options.rootNamespace },
      ),
  };
  return table;
}

function ofKind<Kind extends Resource['kind']>(
  resources: readonly Resource[],
  kind: Kind,
): Extract<Resource, { kind: Kind }>[] {
  return resources
    .filter((one): one is Extract<Resource, { kind: Kind }> => one.kind === kind)
    .sort(byAge);
}

/** Istio looks first at what is private to a namespace, then at what was exported to it, then at what is for all. */
function byVisibility(
  virtualServices: readonly VirtualService[],
  namespace: string,
): readonly VirtualService[] {
  const rank = ({ spec, metadata }: VirtualService) => {
    const { exportTo = [] } = spec;
    const ours = spec.fromGatewayApi && metadata.namespace === namespace;
    if (exportTo.length === 0 || exportTo.includes('*')) return ours ? 2 : 3;
    return exportTo.includes('.') && metadata.namespace === namespace ? 0 : 1;
  };
  return virtualServices.toSorted((a, b) => rank(a) - rank(b));
}

/** What the pods of a Gateway of Gateway API bear. */
const MANAGED = 'gateway.networking.k8s.io/gateway-name';

/**
 * A Gateway without a selector is for all gateways. What Gateway API manages takes no servers of other namespaces
 * (PILOT_ENABLE_STRICT_GATEWAY_MERGING, the default since Istio 1.31).
 */
function isFor(gateway: Gateway, caller: Caller): boolean {
  if (caller.labels[MANAGED] !== undefined && gateway.metadata.namespace !== caller.namespace)
    return false;
  return Object.entries(gateway.spec.selector ?? {}).every(
    ([key, value]) => caller.labels[key] === value,
  );
}

/** Server names that are remembered for one caller and port; clients may send any number of them. */
const REMEMBERED_NAMES = 1024;

/**
 * Remembers what was made for a caller, by what matters of what the caller says (so that equal callers share it) and by its object
 * (so that a data plane, which asks with the same one again and again, finds it at once).
 */
function keptByCaller<T>(
  labels: readonly string[],
  make: (caller: Caller, port: number, name: string) => T,
): (caller: Caller, port: number, name: string) => T {
  const bySaying = new Map<string, Map<string, T>>();
  const byObject = new WeakMap<Caller, Map<number, Map<string, T>>>();
  let last: { caller: Caller; port: number; names: Map<string, T> } | undefined;
  const namesOf = (caller: Caller, port: number): Map<string, T> => {
    let ports = byObject.get(caller);
    if (!ports) byObject.set(caller, (ports = new Map()));
    let names = ports.get(port);
    if (!names) {
      const key = JSON.stringify([
        caller.via,
        caller.namespace,
        labels.map((name) => caller.labels[name] ?? null),
        port,
      ]);
      names = bySaying.get(key) ?? new Map<string, T>();
      bySaying.set(key, names);
      ports.set(port, names);
    }
    return names;
  };
  return (caller, port, name) => {
    if (caller !== last?.caller || port !== last.port)
      last = { caller, port, names: namesOf(caller, port) };
    let found = last.names.get(name);
    if (found === undefined) {
      found = make(caller, port, name);
      if (last.names.size >= REMEMBERED_NAMES) last.names.clear();
      last.names.set(name, found);
    }
    return found;
  };
}

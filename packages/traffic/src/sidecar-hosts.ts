// The virtual hosts of a sidecar's outbound listener at a port.

import type { ViewContext } from './compile.ts';
import { hostAliases, HostIndex, isSubset, resolveHost } from './host.ts';
import type { VirtualService } from './resource.ts';
import { isHttp, type ServiceInfo } from './services.ts';
import { createVirtualHost } from './virtual-host.ts';
import { compileRoutes, defaultRoute } from './virtual-service-routes.ts';

/** Istio lets VirtualServices speak for hosts outside of the registry at this port only. */
const UNREGISTERED_HOSTS_PORT = 80;

/**
 * In the mesh nothing is merged: of several VirtualServices the oldest with a rule open to this caller has a host,
 * and what is left of a later one are its other hosts. Services without any have a default route.
 */
export function sidecarHosts(context: ViewContext): HostIndex<VirtualHostOf> {
  const { table, caller, port, scope } = context;
  const index = new HostIndex<VirtualHostOf>();
  const services = new Map<string, ServiceInfo>();
  for (const service of table.services.values()) {
    if (service.ports.some((one) => one.number === port) && scope.importsService(service))
      services.set(service.host, service);
  }
  const httpAt = (service: ServiceInfo) =>
    service.ports.some((one) => one.number === port && isHttp(one.protocol));
  const inMesh = context.virtualServices.filter((one) =>
    (one.spec.gateways?.length ? one.spec.gateways : ['mesh']).includes('mesh'),
  );
  const owners = mostSpecific(inMesh);
  const served = new Set<string>();
  const addService = (service: ServiceInfo, rules: Parameters<typeof createVirtualHost>[1]) => {
    const host = createVirtualHost(`${service.host}:${port}`, rules);
    if (!index.add(service.host, host)) return;
    const aliases = hostAliases(service.host, caller.namespace);
    for (const alias of [...aliases, ...service.addresses])
      if (!services.has(alias)) index.add(alias, host);
  };
  const closedFor = new Map<string, Parameters<typeof createVirtualHost>[1]['closed']>();
  for (const one of inMesh) {
    const { own, foreign } = split(one, services, owners);
    // A route of Gateway API is for clients of its own namespace or services of it.
    const { fromGatewayApi } = one.spec;
    const foreignClient = one.metadata.namespace !== caller.namespace;
    const http = own.filter(
      (service) =>
        httpAt(service) &&
        !(fromGatewayApi && foreignClient && service.namespace !== one.metadata.namespace),
    );
    if (own.length === 0 && port !== UNREGISTERED_HOSTS_PORT) continue;
    if (http.length === 0 && !(own.length === 0 && port === UNREGISTERED_HOSTS_PORT)) continue;
    const rules = compileRoutes(context, one);
    if (rules.routes.length === 0) {
      for (const service of http) closedFor.set(service.host, rules.closed);
      continue;
    }
    for (const host of foreign) index.add(host, createVirtualHost(`${host}:${port}`, rules));
    for (const service of http) {
      served.add(service.host);
      addService(service, rules);
    }
  }
  for (const service of services.values()) {
    if (served.has(service.host) || !httpAt(service)) continue;
    addService(service, {
      routes: [defaultRoute(context, service.host)],
      closed: closedFor.get(service.host) ?? [],
    });
  }
  return index;
}

type VirtualHostOf = ReturnType<typeof createVirtualHost>;

/** For a service: the VirtualService that names its host, else the one with the narrowest wildcard; of equals the oldest. */
function mostSpecific(inMesh: readonly VirtualService[]): HostIndex<VirtualService> {
  const index = new HostIndex<VirtualService>();
  for (const one of inMesh) {
    for (const raw of one.spec.hosts ?? [])
      index.add(resolveHost(raw, one.metadata.namespace), one);
  }
  return index;
}

/** The services that a VirtualService speaks for, and its hosts that are no service at this port. */
function split(
  one: VirtualService,
  services: ReadonlyMap<string, ServiceInfo>,
  owners: HostIndex<VirtualService>,
): { own: ServiceInfo[]; foreign: string[] } {
  const own: ServiceInfo[] = [];
  const foreign: string[] = [];
  for (const raw of one.spec.hosts ?? []) {
    const host = resolveHost(raw, one.metadata.namespace);
    if (!host.startsWith('*')) {
      const service = services.get(host);
      if (service) own.push(service);
      else foreign.push(host);
      continue;
    }
    const covered = [...services.values()].filter((service) => isSubset(service.host, host));
    if (covered.length === 0) foreign.push(host);
    own.push(...covered.filter((service) => owners.find(service.host) === one));
  }
  return { own, foreign };
}

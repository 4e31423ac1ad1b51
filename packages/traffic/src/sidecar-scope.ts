// What a workload may see: its Sidecar resource, and what others export to its namespace.

import type { MeshOptions, OutboundTrafficPolicy } from './compile.ts';
import { visibleIn } from './destination-rules.ts';
import { isSubset, resolveHost } from './host.ts';
import type { Caller } from './request.ts';
import type { Sidecar, VirtualService } from './resource.ts';
import type { ServiceInfo } from './services.ts';

export interface SidecarScope {
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
  importsService(service: ServiceInfo): boolean;
  /** Whether a rule may send there: where imported rules lead is imported with them. */
  reachesService(service: ServiceInfo): boolean;
  importsVirtualService(virtualService: VirtualService): boolean;
}

/**
 * The scope of a caller: the Sidecar of its namespace that selects it, else the one of its namespace without a
 * selector, else that of the root namespace, else everything that is exported to it. Gateways have no Sidecar.
 */
export function scopeOf(
  caller: Caller,
  sidecars: readonly Sidecar[],
  mesh: Required<MeshOptions>,
): SidecarScope {
  const sidecar = caller.via === 'sidecar' ? findSidecar(caller, sidecars, mesh) : undefined;
  const { mode } = sidecar?.spec.outboundTrafficPolicy ?? {};
  // A port of its own makes another listener; these are not enforced, and said so by the reader.
  const hosts = sidecar?.spec.egress?.filter((one) => !one.port).flatMap((one) => one.hosts);
  const imported = hosts?.length
    ? hosts.map((raw) => importOf(raw, sidecar!.metadata.namespace))
    : undefined;
  const { namespace } = caller;
  const reachesService = (service: ServiceInfo) =>
    visibleIn(service.exportTo, service.namespace, namespace);
  return {
    // A policy without a mode has the mode of its protobuf number 0.
    outboundTrafficPolicy: sidecar?.spec.outboundTrafficPolicy
      ? mode === 'ALLOW_ANY' || mode === 'ALLOW_ANY_DYNAMIC_DNS'
        ? 'ALLOW_ANY'
        : 'REGISTRY_ONLY'
      : mesh.outboundTrafficPolicy,
    importsService: (service) =>
      reachesService(service) &&
      (!imported || imported.some((one) => one.takes(service.namespace, [service.host]))),
    reachesService,
    importsVirtualService: (one) => {
      const home = one.metadata.namespace;
      if (!visibleIn(one.spec.exportTo, home, namespace)) return false;
      const names = (one.spec.hosts ?? []).map((raw) => resolveHost(raw, home));
      return !imported || imported.some((entry) => entry.takes(home, names));
    },
  };
}

function findSidecar(
  caller: Caller,
  sidecars: readonly Sidecar[],
  mesh: Required<MeshOptions>,
): Sidecar | undefined {
  const selectorOf = (one: Sidecar) => Object.entries(one.spec.workloadSelector?.labels ?? {});
  const own = sidecars.filter((one) => one.metadata.namespace === caller.namespace);
  return (
    own.find((one) => {
      const selector = selectorOf(one);
      return selector.length > 0 && selector.every(([key, value]) => caller.labels[key] === value);
    }) ??
    own.find((one) => selectorOf(one).length === 0) ??
    sidecars.find(
      (one) => one.metadata.namespace === mesh.rootNamespace && selectorOf(one).length === 0,
    )
  );
}

/** `ns/host`, `./host`, `~/*` and their like. */
function importOf(
  raw: string,
  home: string,
): { takes(namespace: string, hosts: readonly string[]): boolean } {
  const slash = raw.indexOf('/');
  const from = slash === -1 ? '*' : raw.slice(0, slash);
  const namespace = from === '.' ? home : from;
  const pattern = resolveHost(raw.slice(slash + 1), home);
  return {
    takes: (other, hosts) =>
      (namespace === '*' || namespace === other) &&
      hosts.some((host) => isSubset(host, pattern) || isSubset(pattern, host)),
  };
}

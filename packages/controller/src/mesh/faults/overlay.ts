// Fault switches laid over the resources: what is enforced has them, what is kept does not.

import { resolveHost, type Resource } from '@clover/traffic';
import type { Fault } from './fault.ts';

type VirtualService = Extract<Resource, { kind: 'VirtualService' }>;
type HttpRoute = NonNullable<VirtualService['spec']['http']>[number];

export interface Overlaid {
  readonly resources: readonly Resource[];
  /** For each fault, in their order, the rules that it changes: `default/http-lb http[0]`; empty when it has a VirtualService of its own. */
  readonly routes: readonly (readonly string[])[];
}

/**
 * A fault holds for each rule that sends requests to the service, and for all rules of the
 * VirtualService that owns its name. A service that no VirtualService owns gets one for as long.
 */
export function overlayFaults(resources: readonly Resource[], faults: readonly Fault[]): Overlaid {
  if (faults.length === 0) return { resources, routes: [] };
  let result = resources;
  const routes = faults.map((fault) => {
    const host = resolveHost(fault.service, fault.namespace);
    const touched: string[] = [];
    let owned = false;
    result = result.map((one) => {
      if (one.kind !== 'VirtualService') return one;
      const owns = ownsInMesh(one, host);
      owned ||= owns;
      return withFault(one, { fault, host, owns, touched });
    });
    if (!owned) result = [...result, ownVirtualService(fault)];
    return touched;
  });
  return { resources: result, routes };
}

function ownsInMesh({ metadata, spec }: VirtualService, host: string): boolean {
  return (
    (spec.gateways ?? ['mesh']).includes('mesh') &&
    (spec.hosts ?? []).some((raw) => resolveHost(raw, metadata.namespace) === host)
  );
}

function withFault(
  one: VirtualService,
  options: { fault: Fault; host: string; owns: boolean; touched: string[] },
): VirtualService {
  const { namespace, name } = one.metadata;
  let changed = false;
  const http = (one.spec.http ?? []).map((rule, index) => {
    const meant =
      options.owns ||
      (rule.route ?? []).some(
        ({ destination }) => resolveHost(destination.host, namespace) === options.host,
      );
    // What redirects or answers by itself, or is decided elsewhere, has no fault of its own in Istio.
    if (!meant || !rule.route) return rule;
    changed = true;
    options.touched.push(`${namespace}/${name} http[${index}]`);
    return { ...rule, fault: { ...rule.fault, ...faultSpec(options.fault) } };
  });
  return changed ? { ...one, spec: { ...one.spec, http } } : one;
}

function ownVirtualService(fault: Fault): VirtualService {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      name: `clover-fault-${fault.service.replaceAll('.', '-')}`,
      namespace: fault.namespace,
      creationTimestamp: fault.startedAt,
    },
    spec: {
      hosts: [fault.service],
      http: [
        {
          name: 'fault',
          route: [{ destination: { host: fault.service } }],
          fault: faultSpec(fault),
        },
      ],
    },
  };
}

function faultSpec({ abortStatus, delayMs, percent }: Fault): NonNullable<HttpRoute['fault']> {
  const percentage = { value: percent };
  return {
    ...(abortStatus !== null && { abort: { httpStatus: abortStatus, percentage } }),
    ...(delayMs !== null && { delay: { fixedDelay: `${delayMs / 1000}s`, percentage } }),
  };
}

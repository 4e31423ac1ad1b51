// A service's endpoints at one of its ports, as its registry entry has them and names resolve.

import { isIP } from 'node:net';
import type { ServiceInfo } from '@clover/traffic';
import type { EndpointSpec } from './upstream-endpoint.ts';
import { checkKey, endpointKey } from './upstream-endpoint.ts';

export type ServicePort = ServiceInfo['ports'][number];

/** Addresses of a name as last looked up; undefined when that has not succeeded yet. */
export type Resolved = (name: string) => readonly string[] | undefined;

/** Endpoints that carry all the labels, each address and port once. */
export function endpointsOf(
  service: ServiceInfo,
  port: ServicePort,
  { labels, resolved }: { labels: Readonly<Record<string, string>>; resolved: Resolved },
): EndpointSpec[] {
  const found = new Map<string, EndpointSpec>();
  const add = (spec: Omit<EndpointSpec, 'checkKey'>) => {
    const key = endpointKey(spec);
    if (found.has(key)) return;
    found.set(key, { ...spec, checkKey: spec.probe ? checkKey(spec, spec.probe) : '' });
  };
  const dns = isDns(service);
  const wanted = Object.entries(labels);
  for (const one of entriesOf(service)) {
    if (!one.address || one.address.startsWith('unix:')) continue;
    if (!wanted.every(([key, value]) => one.labels?.[key] === value)) continue;
    const common = {
      port: portOf(one, port),
      labels: one.labels ?? {},
      weight: Math.max(1, one.weight ?? 1),
      principal: one.serviceAccount
        ? `spiffe://cluster.local/ns/${service.namespace}/sa/${one.serviceAccount}`
        : '',
      meshTls: takesMeshTls(one),
      probe: one.probe,
    };
    if (isIP(one.address)) add({ ...common, address: one.address });
    else if (dns) {
      const addresses = resolved(one.address) ?? [];
      // DNS_ROUND_ROBIN is one logical endpoint whose address changes.
      const used = service.resolution === 'DNS_ROUND_ROBIN' ? addresses.slice(0, 1) : addresses;
      for (const address of used) add({ ...common, address });
    }
  }
  return [...found.values()];
}

/** Names that must be looked up before a service has endpoints. */
export function namesOf(service: ServiceInfo): string[] {
  if (!isDns(service)) return [];
  return entriesOf(service).flatMap(({ address }) =>
    address && !isIP(address) && !address.startsWith('unix:') ? [address] : [],
  );
}

/** Sent to wherever the request asks: nobody says where the endpoints are. */
export function isOnDemand(service: ServiceInfo): boolean {
  return (
    service.resolution === 'DYNAMIC_DNS' ||
    (service.resolution === 'NONE' && service.endpoints.length === 0)
  );
}

const isDns = ({ resolution }: ServiceInfo) =>
  resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';

type Entry = ServiceInfo['endpoints'][number];

/** Without endpoints a service found by DNS is looked up by its own name. */
function entriesOf(service: ServiceInfo): readonly Entry[] {
  if (service.endpoints.length > 0 || !isDns(service) || service.host.includes('*'))
    return service.endpoints;
  return [{ address: service.host }];
}

function portOf(entry: Entry, { name, number, targetPort }: ServicePort): number {
  if (typeof targetPort === 'string' && entry.ports?.[targetPort]) return entry.ports[targetPort];
  return entry.ports?.[name] ?? (typeof targetPort === 'number' ? targetPort : number);
}

/** As Istio has it: by label, else when the program's identity is known. */
function takesMeshTls({ labels, serviceAccount }: Entry): boolean {
  const mode = labels?.['security.istio.io/tlsMode'];
  return mode === undefined ? Boolean(serviceAccount) : mode === 'istio';
}

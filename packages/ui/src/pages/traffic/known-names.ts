import type { TrafficEffectiveAnswer, TrafficResource } from '@clover/model';
import type { KnownNames } from './complete-yaml.ts';

/** Names that a resource may refer to: of what was applied and of the services that there are. */
export function knownNames(
  resources: readonly TrafficResource[],
  effective: TrafficEffectiveAnswer | undefined,
): KnownNames {
  const hosts = new Set<string>();
  const subsets = new Set<string>();
  const gateways = new Set<string>();
  for (const { kind, name, spec } of resources) {
    // Both fields are lists where they are: the API has checked them against the CRD.
    const { hosts: own, subsets: parts } = spec as {
      hosts?: string[];
      subsets?: { name: string }[];
    };
    if (kind === 'Gateway') gateways.add(name);
    if (kind === 'Service') hosts.add(name);
    if (kind === 'VirtualService' || kind === 'ServiceEntry') own?.forEach((one) => hosts.add(one));
    if (kind === 'DestinationRule') parts?.forEach((one) => subsets.add(one.name));
  }
  for (const { host } of effective?.services ?? []) {
    hosts.add(host.replace(/\..*\.svc\.cluster\.local$/, ''));
    hosts.add(host);
  }
  const sorted = (names: ReadonlySet<string>) => [...names].toSorted();
  return { hosts: sorted(hosts), subsets: sorted(subsets), gateways: sorted(gateways) };
}

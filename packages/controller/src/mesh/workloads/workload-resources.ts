// What the registered workloads add to the configuration: a WorkloadEntry for each that takes requests,
// and a Service where nobody declared one.

import { resolveHost, type Resource } from '@clover/traffic';
import type { RegisteredPort, RegisteredWorkload } from './workload.ts';

type Service = Extract<Resource, { kind: 'Service' }>;
type ServiceEntry = Extract<Resource, { kind: 'ServiceEntry' }>;

/** In the order of their names, so that the same workloads always give the same. */
export function workloadResources(
  workloads: Iterable<RegisteredWorkload>,
  declared: readonly Resource[],
): Resource[] {
  const all = [...workloads].toSorted((a, b) =>
    `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`),
  );
  const missing = new Map<string, RegisteredWorkload[]>();
  const entries = all.flatMap((one): Resource[] => {
    const owner = declaredService(one, declared);
    if (!owner) {
      const key = `${one.namespace}/${one.service}`;
      missing.set(key, [...(missing.get(key) ?? []), one]);
    }
    return one.ready && hasPorts(one) ? [workloadEntry(one, owner)] : [];
  });
  return [
    ...entries,
    ...[...missing.values()].filter((group) => group.some(hasPorts)).map(serviceFor),
  ];
}

/** The labels of the workload's service hold for it too: it is selected by what selects the service. */
export function labelsOf(
  workload: RegisteredWorkload,
  owner: Service | ServiceEntry | undefined,
): Record<string, string> {
  const selector =
    owner?.kind === 'Service' ? owner.spec.selector : owner?.spec.workloadSelector?.labels;
  return { app: workload.service, ...selector, ...workload.labels };
}

export function declaredService(
  { service, namespace }: RegisteredWorkload,
  declared: readonly Resource[],
): Service | ServiceEntry | undefined {
  const host = resolveHost(service, namespace);
  return declared.find(
    (one): one is Service | ServiceEntry =>
      (one.kind === 'Service' && resolveHost(one.metadata.name, one.metadata.namespace) === host) ||
      (one.kind === 'ServiceEntry' &&
        one.metadata.namespace === namespace &&
        (one.spec.hosts ?? []).some((raw) => raw.toLowerCase() === host || raw === service)),
  );
}

function workloadEntry(
  one: RegisteredWorkload,
  owner: Service | ServiceEntry | undefined,
): Resource {
  const named = new Map(
    (owner?.spec.ports ?? []).map((port) => [
      'number' in port ? port.number : port.port,
      port.name ?? '',
    ]),
  );
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: { name: one.name, namespace: one.namespace, creationTimestamp: one.joinedAt },
    spec: {
      address: one.address,
      labels: labelsOf(one, owner),
      ports: Object.fromEntries(
        one.ports.map((port) => [named.get(port.port) || portName(port), port.targetPort]),
      ),
      serviceAccount: one.serviceAccount,
    },
  };
}

function serviceFor(workloads: readonly RegisteredWorkload[]): Resource {
  const [first] = workloads as [RegisteredWorkload];
  const ports = new Map(workloads.flatMap((one) => one.ports).map((port) => [port.port, port]));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: first.service,
      namespace: first.namespace,
      creationTimestamp: first.joinedAt,
    },
    spec: {
      selector: { app: first.service },
      ports: [...ports.values()].map((port) => ({ port: port.port, name: portName(port) })),
    },
  };
}

const hasPorts = ({ ports }: RegisteredWorkload): boolean => ports.length > 0;

const portName = ({ protocol, port }: RegisteredPort): string =>
  `${protocol.toLowerCase()}-${port}`;

// A program in the mesh, as the registry knows it.

import type { WorkloadJoin } from '@clover/model';

export interface RegisteredPort {
  /** Of the service. */
  readonly port: number;
  /** Where the program listens. */
  readonly targetPort: number;
  readonly protocol: string;
}

export interface RegisteredWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly address: string;
  readonly ports: readonly RegisteredPort[];
  /** RFC 3339 */
  readonly joinedAt: string;
  readonly joinedBy: string;
  /** Without a heartbeat for so long it goes out; null: it stays until it is removed. */
  readonly leaseMs: number | null;
  /** It gets requests; until then it has listeners only. */
  readonly ready: boolean;
}

export const workloadKey = ({ namespace, name }: { namespace: string; name: string }): string =>
  `${namespace}/${name}`;

/** With a name made of service, version and the least number that is free, when it has none. */
export function workloadOf(
  join: WorkloadJoin,
  known: ReadonlyMap<string, RegisteredWorkload>,
  { author, nowMs }: { author: string; nowMs: number },
): RegisteredWorkload {
  const { namespace, service, labels, serviceAccount, address } = join;
  return {
    name: join.name ?? freeName(join, known),
    namespace,
    service,
    labels,
    serviceAccount,
    address,
    ports: join.ports.map(({ port, targetPort = port, protocol }) => ({
      port,
      targetPort,
      protocol,
    })),
    joinedAt: new Date(nowMs).toISOString(),
    joinedBy: author,
    leaseMs: join.leaseMs ?? null,
    ready: join.ready,
  };
}

function freeName(join: WorkloadJoin, known: ReadonlyMap<string, RegisteredWorkload>): string {
  const version = (join.labels['version'] ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const stem = [join.service, version]
    .filter((part) => part !== '')
    .join('-')
    .slice(0, 58);
  for (let number = 0; ; number++) {
    const name = `${stem}-${number}`;
    if (!known.has(workloadKey({ namespace: join.namespace, name }))) return name;
  }
}

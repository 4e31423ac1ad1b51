// Who could send requests, as far as two sets of resources tell callers apart, and to which hosts.

import type { Caller } from '../request.ts';
import type { L4Match, Resource } from '../resource.ts';
import type { RouteView, RoutingTable } from '../compile.ts';

export interface Place {
  readonly caller: Caller;
  readonly port: number;
  /** The listener speaks TLS: the host is its server name too. */
  readonly tls: boolean;
}

const MAX_LABEL_SETS = 64;

/** Every kind of caller with every port that some resource names. */
export function placesOf(
  resources: readonly Resource[],
  tables: readonly RoutingTable[],
): { readonly places: Place[]; readonly complete: boolean } {
  const places = new Map<string, Place>();
  const add = (place: Place) => places.set(JSON.stringify(place), place);
  const namespaces = new Set<string>();
  const ports = new Set<number>();
  const labels = new Map<string, Set<string>>();
  for (const one of resources) {
    namespaces.add(one.metadata.namespace);
    if (one.kind === 'Gateway')
      for (const { port, tls } of one.spec.servers ?? [])
        add({
          caller: {
            via: 'gateway',
            namespace: one.metadata.namespace,
            labels: one.spec.selector ?? {},
          },
          port: port.number,
          tls: tls?.mode !== undefined && port.protocol !== 'HTTP',
        });
    if (one.kind !== 'VirtualService') continue;
    const { http = [], tcp = [], tls = [] } = one.spec;
    for (const match of [...http, ...tcp, ...tls].flatMap(
      (rule): readonly L4Match[] => rule.match ?? [],
    )) {
      if (match.port !== undefined) ports.add(match.port);
      if (match.sourceNamespace) namespaces.add(match.sourceNamespace);
      for (const [key, value] of Object.entries(match.sourceLabels ?? {}))
        labels.set(key, (labels.get(key) ?? new Set()).add(value));
    }
  }
  for (const table of tables)
    for (const service of table.services.values())
      for (const { number } of service.ports) ports.add(number);
  if (ports.size === 0) ports.add(80);
  let sets: Record<string, string>[] = [{}];
  for (const [key, values] of labels)
    sets = sets.flatMap((set) => [set, ...[...values].map((value) => ({ ...set, [key]: value }))]);
  for (const namespace of namespaces)
    for (const port of ports)
      for (const set of sets.slice(0, MAX_LABEL_SETS))
        add({ caller: { via: 'sidecar', namespace, labels: set }, port, tls: false });
  return { places: [...places.values()], complete: sets.length <= MAX_LABEL_SETS };
}

/** A host for each name that a view has, one that a wildcard covers and nobody names, and one that is nobody's. */
export function hostsOf(views: readonly RouteView[]): string[] {
  const names = new Set(views.flatMap((view) => view.hosts.names()));
  return [...names, 'clover-any.example'].map((name) =>
    name === '*'
      ? 'clover-any.test'
      : name.replace(/^\*/, 'clover-any').replace(/\*$/, 'clover-any'),
  );
}

// Who may send requests to a VirtualService, as far as its blocks tell callers apart.

import type { RoutingTable } from '../../compile.ts';
import { gatewayName } from '../../gateway-servers.ts';
import { resolveHost } from '../../host.ts';
import type { Caller } from '../../request.ts';
import type { VirtualService } from '../../resource.ts';

export interface RuleCaller {
  readonly caller: Caller;
  readonly port: number;
  /** The gateway that the request comes through; undefined in the mesh. */
  readonly gateway: string | undefined;
}

/**
 * For each block the caller to whom the fewest others are open: with just its labels and namespace. What such a
 * caller cannot reach, nobody reaches.
 */
export function callersOf(
  one: VirtualService,
  delegate: boolean,
  table: RoutingTable,
): RuleCaller[] {
  const { namespace } = one.metadata;
  const matches = (one.spec.http ?? []).flatMap((rule) => rule.match ?? []);
  const gateways = new Set<string | undefined>([undefined]);
  if (delegate)
    for (const raw of matches.flatMap((match) => match.gateways ?? []))
      if (raw !== 'mesh') gateways.add(gatewayName(raw, namespace));
  const namespaces = new Set([ELSEWHERE, ...matches.flatMap((one) => one.sourceNamespace || [])]);
  const labels = new Map<string, Readonly<Record<string, string>>>([['{}', {}]]);
  for (const { sourceLabels } of matches)
    if (sourceLabels) labels.set(JSON.stringify(sourceLabels), sourceLabels);
  const ports = portsOf(one, table);
  const found: RuleCaller[] = [];
  for (const gateway of gateways)
    for (const port of ports)
      for (const from of namespaces)
        for (const set of labels.values())
          found.push({
            caller: {
              via: gateway === undefined ? 'sidecar' : 'gateway',
              namespace: from,
              labels: set,
            },
            port,
            gateway,
          });
  return found;
}

/** A namespace and a port that no block names. */
const ELSEWHERE = 'clover-elsewhere';
const NO_PORT = 0;

function portsOf({ spec, metadata }: VirtualService, table: RoutingTable): Set<number> {
  const ports = new Set<number>();
  for (const { port } of (spec.http ?? []).flatMap((rule) => rule.match ?? []))
    if (port) ports.add(port);
  const services = (spec.hosts ?? []).map((raw) =>
    table.services.get(resolveHost(raw, metadata.namespace)),
  );
  for (const one of services) for (const { number } of one?.ports ?? []) ports.add(number);
  if (services.length === 0 || services.includes(undefined)) ports.add(NO_PORT);
  return ports;
}

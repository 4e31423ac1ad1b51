// Which gateways there are: those that Gateway resources select, as Istio's own installation names them.

import { gatewayProgram, type GatewayIdentity, type Resource } from '@clover/traffic';

export interface GatewayProgram extends GatewayIdentity {
  /** Port of a Gateway's server to the port to listen on; 0 is any free one. */
  readonly ports: Readonly<Record<number, number>>;
}

/**
 * A gateway for each selector of a Gateway resource.
 * @param listenOn server port to local port, for those that shall have one of their own
 */
export function gatewaysOf(
  resources: readonly Resource[],
  listenOn: ReadonlyMap<number, number>,
): GatewayProgram[] {
  const found = new Map<string, GatewayIdentity & { ports: Record<number, number> }>();
  const taken = new Set<number>();
  for (const one of resources) {
    if (one.kind !== 'Gateway') continue;
    const program = gatewayProgram(one);
    const key = `${program.namespace}/${program.name}`;
    const entry = found.get(key) ?? { ...program, ports: {} };
    for (const { port } of one.spec.servers ?? []) {
      if (entry.ports[port.number] !== undefined) continue;
      const wanted = listenOn.get(port.number) ?? 0;
      // Two gateways cannot have the same port of this machine.
      entry.ports[port.number] = taken.has(wanted) ? 0 : wanted;
      if (wanted !== 0) taken.add(wanted);
    }
    found.set(key, entry);
  }
  return [...found.values()].filter(({ ports }) => Object.keys(ports).length > 0);
}

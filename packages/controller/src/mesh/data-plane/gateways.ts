// Which gateways there are: those that Gateway resources select, as Istio's own installation names them.

import type { Resource } from '@clover/traffic';

export interface GatewayProgram {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Port of a Gateway's server to the port to listen on; 0 is any free one. */
  readonly ports: Readonly<Record<number, number>>;
}

const NAMESPACE = 'istio-system';
const KNOWN: readonly Omit<GatewayProgram, 'ports'>[] = [
  {
    name: 'istio-ingressgateway',
    namespace: NAMESPACE,
    labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
  },
  {
    name: 'istio-egressgateway',
    namespace: NAMESPACE,
    labels: { app: 'istio-egressgateway', istio: 'egressgateway' },
  },
];

/**
 * A gateway for each selector of a Gateway resource: Istio's two by their usual labels, any other under
 * the value of its label `istio` or `app`.
 * @param listenOn server port to local port, for those that shall have one of their own
 */
export function gatewaysOf(
  resources: readonly Resource[],
  listenOn: ReadonlyMap<number, number>,
): GatewayProgram[] {
  const found = new Map<
    string,
    Omit<GatewayProgram, 'ports'> & { ports: Record<number, number> }
  >();
  const taken = new Set<number>();
  for (const one of resources) {
    if (one.kind !== 'Gateway') continue;
    const selector = one.spec.selector ?? KNOWN[0]!.labels;
    const program = KNOWN.find(({ labels }) => selects(selector, labels)) ?? {
      name: selector['istio'] ?? selector['app'] ?? one.metadata.name,
      namespace: one.metadata.namespace,
      labels: selector,
    };
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

const selects = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);

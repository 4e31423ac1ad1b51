// Which listeners a configuration wants, and where they would like to be.

import { isHttp, type Caller, type RoutingTable } from '@clover/traffic';
import type { DataPlaneConfig, ListenerAddress } from '../data-plane.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';

export interface ListenerPlan {
  /** Stays the same from one configuration to the next. */
  readonly key: string;
  readonly direction: ListenerAddress['direction'];
  readonly owner: Workload | GatewayWorkload;
  readonly servicePort: number;
  /** Inbound for bytes, not for requests. */
  readonly isTcp: boolean;
  readonly wanted: { readonly address: string; readonly port: number };
  /** A wanted address that is taken or forbidden is given up for any free port of 127.0.0.1, or of the gateway's address. */
  readonly flexible: boolean;
}

export const ownerName = (owner: Workload | GatewayWorkload): string =>
  `${owner.namespace}/${owner.name}`;

export function callerOf({ direction, owner }: ListenerPlan): Caller {
  const via = direction === 'gateway' ? 'gateway' : 'sidecar';
  return { via, namespace: owner.namespace, labels: owner.labels };
}

/** Two addresses of a workload's own, for what it calls and for who calls it. */
export type OwnAddresses = (owner: string) => { outbound: string; inbound: string };

/** Istio's port for everything that goes out. The same at each start: programs were told of it. */
const PROXY_PORT = 15001;

export interface PlanOptions {
  readonly addressesOf: OwnAddresses;
  /** Whether there is any: ports that carry no HTTP need a listener for it, and are reached as they are without. */
  readonly mtls: boolean;
}

/** Outbound for each workload and port of a service, inbound for its own; a port for `HTTP_PROXY`; gateways. */
export function planListeners(
  config: Pick<DataPlaneConfig, 'workloads' | 'gateways' | 'keep'>,
  table: RoutingTable,
  { addressesOf, mtls }: PlanOptions,
): ListenerPlan[] {
  const ports = new Set<number>();
  const httpPorts = new Set<number>();
  for (const service of table.services.values()) {
    for (const { number, protocol } of service.ports) {
      ports.add(number);
      if (isHttp(protocol)) httpPorts.add(number);
    }
  }
  const plans: ListenerPlan[] = [];
  for (const owner of config.workloads) {
    const name = ownerName(owner);
    const own = addressesOf(name);
    const add = (
      direction: ListenerAddress['direction'],
      servicePort: number,
      wanted: { address: string; port: number },
      isTcp = false,
    ) =>
      plans.push({
        key: `${name} ${direction} ${servicePort}${isTcp ? ' tcp' : ''}`,
        direction,
        owner,
        servicePort,
        isTcp,
        wanted,
        flexible: true,
      });
    add('proxy', 0, { address: own.outbound, port: PROXY_PORT });
    for (const port of ports) add('outbound', port, { address: own.outbound, port });
    for (const port of Object.keys(owner.ports).map(Number)) {
      const isTcp = !httpPorts.has(port);
      if (!isTcp || (mtls && ports.has(port)))
        add('inbound', port, { address: own.inbound, port }, isTcp);
    }
  }
  for (const owner of config.gateways) {
    for (const [servicePort, port] of Object.entries(owner.ports)) {
      plans.push({
        key: `${ownerName(owner)} gateway ${servicePort}`,
        direction: 'gateway',
        owner,
        servicePort: Number(servicePort),
        wanted: { address: owner.address ?? '127.0.0.1', port },
        isTcp: false,
        flexible: false,
      });
    }
  }
  const kept = new Map(
    config.keep?.map((one) => [`${one.owner} ${one.direction} ${one.servicePort}`, one]),
  );
  return plans.map((plan) => {
    const before = kept.get(`${ownerName(plan.owner)} ${plan.direction} ${plan.servicePort}`);
    const { address, port } = before ?? plan.wanted;
    // A gateway that may listen anywhere may do so again when its place is taken.
    const flexible = plan.flexible || (before !== undefined && plan.wanted.port === 0);
    return { ...plan, flexible, wanted: { address, port } };
  });
}

// What is in force, in the words of the proxy.

import { isIP } from 'node:net';
import type { Resource } from '@clover/traffic';
import { declaredService, labelsOf } from '../workloads/workload-resources.ts';
import type { RegisteredWorkload } from '../workloads/workload.ts';
import type { EnforcedConfig } from './data-plane.ts';
import { gatewaysOf, type GatewayProgram } from './gateways.ts';

export interface ProxyWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly address: string;
  readonly ports: Readonly<Record<number, number>>;
}

export interface ProxyConfig {
  readonly resources: readonly Resource[];
  readonly workloads: readonly ProxyWorkload[];
  readonly gateways: readonly GatewayProgram[];
}

/** Workloads of other machines are destinations and have no listeners here. */
export function proxyConfigOf(
  { effective, workloads }: EnforcedConfig,
  listenOn: ReadonlyMap<number, number>,
): ProxyConfig {
  const { resources } = effective;
  return {
    resources,
    workloads: [...workloads.values()]
      .filter(({ address }) => isLoopback(address))
      .map((one) => proxyWorkload(one, resources)),
    gateways: gatewaysOf(resources, listenOn),
  };
}

function proxyWorkload(one: RegisteredWorkload, resources: readonly Resource[]): ProxyWorkload {
  const { name, namespace, service, serviceAccount, address, ports } = one;
  return {
    name,
    namespace,
    service,
    serviceAccount,
    address,
    labels: labelsOf(one, declaredService(one, resources)),
    ports: Object.fromEntries(ports.map(({ port, targetPort }) => [port, targetPort])),
  };
}

const isLoopback = (address: string): boolean =>
  address === 'localhost' ||
  address === '::1' ||
  (isIP(address) === 4 && address.startsWith('127.'));

// What is in force, in the words of the proxy.

import { isIP } from 'node:net';
import type { ExtensionProvider } from '@clover/proxy';
import type { MeshOptions, Resource } from '@clover/traffic';
import type { MeshSettings } from '../settings/mesh-settings.ts';
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

export interface ProxyListener {
  /** `namespace/name` of the workload or gateway. */
  readonly owner: string;
  readonly direction: 'inbound' | 'outbound' | 'gateway' | 'proxy';
  /** Of the service or the gateway's server. */
  readonly servicePort: number;
  readonly address: string;
  readonly port: number;
}

export interface ProxyConfig {
  readonly resources: readonly Resource[];
  readonly workloads: readonly ProxyWorkload[];
  readonly gateways: readonly (GatewayProgram & { readonly address: string })[];
  readonly mesh: MeshOptions;
  readonly extensionProviders: readonly ExtensionProvider[];
  /** Where listeners were before, to be there again if they can. */
  readonly keep?: readonly ProxyListener[];
}

/** What holds for every configuration. */
export interface ProxySettings {
  /** Port of a gateway's server to the local port that it shall have. */
  readonly listenOn: ReadonlyMap<number, number>;
  /** Where gateways listen. */
  readonly gatewayHost: string;
  readonly settings: MeshSettings;
}

/** Workloads of other machines are destinations and have no listeners here. */
export function proxyConfigOf(
  { effective, workloads }: EnforcedConfig,
  { listenOn, gatewayHost, settings }: ProxySettings,
): ProxyConfig {
  const { resources } = effective;
  return {
    resources,
    workloads: [...workloads.values()]
      .filter(({ address }) => isLoopback(address))
      .map((one) => proxyWorkload(one, resources)),
    gateways: gatewaysOf(resources, listenOn).map((one) => ({ ...one, address: gatewayHost })),
    mesh: settings.options,
    extensionProviders: settings.extensionProviders ?? [],
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

// What is known of endpoints beyond the resources, for the clusters of all clients together: addresses
// of names, and answers to health checks.

import type { RoutingTable, ServiceInfo } from '@clover/traffic';
import { endpointsOf, namesOf, type ServicePort } from './endpoints-of.ts';
import {
  createHealthChecker,
  type CheckTarget,
  type HealthCheckerOptions,
} from './health-checker.ts';
import { createNameResolver, type NameResolverOptions } from './name-resolver.ts';
import type { EndpointSpec } from './upstream-endpoint.ts';

export interface EndpointRegistry {
  endpoints(
    service: ServiceInfo,
    port: ServicePort,
    labels: Readonly<Record<string, string>>,
  ): EndpointSpec[];
  /** True too when its health is not checked. */
  isHealthy(endpoint: EndpointSpec): boolean;
  /** Names that could not be looked up, with why. */
  unresolved(): ReadonlyMap<string, string>;
  update(table: RoutingTable): void;
  subscribe(listener: RegistryListener): () => void;
  /** When every name was looked up once. Never rejects. */
  ready(): Promise<void>;
  close(): void;
}

export interface RegistryListener {
  /** Some name has other addresses. */
  resolved(): void;
  checked(checkKey: string, passed: boolean): void;
}

export interface EndpointRegistryOptions {
  readonly table: RoutingTable;
  readonly resolve?: NameResolverOptions['resolve'];
  readonly check?: HealthCheckerOptions['check'];
}

export function createEndpointRegistry({
  table,
  resolve,
  check,
}: EndpointRegistryOptions): EndpointRegistry {
  const listeners = new Set<RegistryListener>();
  let services: readonly ServiceInfo[] = [];
  const names = createNameResolver({
    ...(resolve && { resolve }),
    changed() {
      watchHealth();
      for (const one of listeners) one.resolved();
    },
  });
  const checker = createHealthChecker({
    ...(check && { check }),
    checked(key, result) {
      for (const one of listeners) one.checked(key, result === 'passed');
    },
  });

  function watchHealth(): void {
    const targets = new Map<string, CheckTarget>();
    for (const service of services) {
      if (!service.endpoints.some((one) => one.probe)) continue;
      for (const port of service.ports) {
        for (const one of endpointsOf(service, port, { labels: {}, resolved: names.addresses })) {
          if (!one.probe) continue;
          const { address, probe } = one;
          targets.set(one.checkKey, { address, port: probe.port ?? one.port, probe });
        }
      }
    }
    checker.watch(targets);
  }

  const registry: EndpointRegistry = {
    endpoints: (service, port, labels) =>
      endpointsOf(service, port, { labels, resolved: names.addresses }),
    isHealthy: (endpoint) => endpoint.checkKey === '' || checker.isHealthy(endpoint.checkKey),
    unresolved: () => names.failures(),
    update(next) {
      services = [...next.services.values()];
      names.watch(services.flatMap(namesOf));
      watchHealth();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready: () => names.ready(),
    close() {
      names.close();
      checker.close();
      listeners.clear();
    },
  };
  registry.update(table);
  return registry;
}

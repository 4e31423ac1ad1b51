// Names that must be there: hosts, subsets, gateways, delegates, ports.

import { nearest } from '@clover/model';
import type { RoutingTable } from '../compile.ts';
import { findSubset } from '../destination-rules.ts';
import { hostCovers, resolveHost } from '../host.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type {
  Destination,
  DestinationRule,
  HttpRoute,
  Resource,
  VirtualService,
} from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkReferences(
  resources: readonly Resource[],
  table: RoutingTable,
  report: Report,
): void {
  const gateways = namesOf(resources, 'Gateway');
  const virtualServices = namesOf(resources, 'VirtualService');
  for (const resource of resources) {
    if (resource.kind === 'VirtualService') {
      checkGateways(resource, gateways, report);
      checkRules(resource, table, virtualServices, report);
    } else if (resource.kind === 'DestinationRule') {
      checkDestinationRule(resource, table, report);
    }
  }
  checkOwners(resources, report);
}

function namesOf(resources: readonly Resource[], kind: Resource['kind']): Set<string> {
  const found = resources.filter((one) => one.kind === kind);
  return new Set(found.map((one) => `${one.metadata.namespace}/${one.metadata.name}`));
}

function checkGateways(resource: VirtualService, known: ReadonlySet<string>, report: Report): void {
  for (const [index, raw] of (resource.spec.gateways ?? []).entries()) {
    if (raw === 'mesh') continue;
    const name = raw.includes('/') ? raw : `${resource.metadata.namespace}/${raw}`;
    if (known.has(name)) continue;
    const close = nearest(name, known);
    const hint = close ? `did you mean ${close}?` : 'add the Gateway, or check its namespace';
    report(resource, ['spec', 'gateways', index], {
      code: 'CLV201',
      severity: 'error',
      message: `there is no Gateway ${name}`,
      hint,
    });
  }
}

function checkRules(
  resource: VirtualService,
  table: RoutingTable,
  virtualServices: ReadonlySet<string>,
  report: Report,
): void {
  for (const section of ['tcp', 'tls'] as const) {
    for (const [ruleIndex, { route = [] }] of (resource.spec[section] ?? []).entries()) {
      for (const [index, { destination }] of route.entries()) {
        const where = ['spec', section, ruleIndex, 'route', index, 'destination'];
        checkDestination(resource, destination, where, table, report);
      }
    }
  }
  for (const [ruleIndex, rule] of (resource.spec.http ?? []).entries()) {
    const path: FieldPath = ['spec', 'http', ruleIndex];
    for (const [destination, where] of destinationsOf(rule, path))
      checkDestination(resource, destination, where, table, report);
    if (rule.delegate) {
      const name = `${rule.delegate.namespace ?? resource.metadata.namespace}/${rule.delegate.name}`;
      if (virtualServices.has(name)) continue;
      report(resource, [...path, 'delegate'], {
        code: 'CLV204',
        severity: 'error',
        message: `there is no VirtualService ${name} to delegate to`,
      });
    }
  }
}

function* destinationsOf(rule: HttpRoute, path: FieldPath): Generator<[Destination, FieldPath]> {
  for (const [index, one] of (rule.route ?? []).entries())
    yield [one.destination, [...path, 'route', index, 'destination']];
  if (rule.mirror) yield [rule.mirror, [...path, 'mirror']];
  for (const [index, one] of (rule.mirrors ?? []).entries())
    yield [one.destination, [...path, 'mirrors', index, 'destination']];
}

function checkDestination(
  resource: VirtualService,
  destination: Destination,
  path: FieldPath,
  table: RoutingTable,
  report: Report,
): void {
  const { namespace } = resource.metadata;
  const host = resolveHost(destination.host, namespace);
  const service = table.services.get(host);
  if (!service) {
    const close = nearest(host, table.services.keys());
    const hint = close
      ? `did you mean ${close}?`
      : 'add a Service or ServiceEntry for it; until then requests get 503';
    report(resource, [...path, 'host'], {
      code: 'CLV202',
      severity: 'error',
      message: `no service ${host} is declared`,
      hint,
    });
    return;
  }
  const ports = service.ports.map((one) => one.number);
  const port = destination.port?.number;
  if (port !== undefined && !ports.includes(port)) {
    report(resource, [...path, 'port'], {
      code: 'CLV205',
      severity: 'error',
      message: `${host} has no port ${port}`,
      hint: `it has ${ports.join(', ')}`,
    });
  } else if (port === undefined && ports.length > 1) {
    report(resource, path, {
      code: 'CLV206',
      severity: 'warning',
      message: `${host} has ${ports.length} ports and none is named here`,
      hint: `without one the port of the listener counts; add port: {number: ${ports[0]}}`,
    });
  }
  if (!destination.subset) return;
  const rule = table.destinationRule(host, namespace);
  const subset = findSubset(rule, destination.subset);
  if (!subset) {
    const names = rule?.spec.subsets?.map((one) => one.name) ?? [];
    const close = nearest(destination.subset, names);
    const hint = close
      ? `did you mean ${close}?`
      : names.length > 0
        ? `there are ${names.join(', ')}`
        : `add a DestinationRule with this subset; until then requests get 503`;
    report(resource, [...path, 'subset'], {
      code: 'CLV203',
      severity: 'error',
      message: `${host} has no subset ${destination.subset}`,
      hint,
    });
    return;
  }
  const wanted = Object.entries(subset.labels ?? {});
  if (
    service.endpoints.length > 0 &&
    !service.endpoints.some((one) => wanted.every(([key, value]) => one.labels?.[key] === value))
  ) {
    const labels = wanted.map(([key, value]) => `${key}=${value}`).join(', ');
    report(resource, [...path, 'subset'], {
      code: 'CLV208',
      severity: 'warning',
      message: `no endpoint of ${host} has the labels of subset ${subset.name} (${labels})`,
      hint: 'requests to it get 503',
    });
  }
}

function checkDestinationRule(
  resource: DestinationRule,
  table: RoutingTable,
  report: Report,
): void {
  const host = resolveHost(resource.spec.host, resource.metadata.namespace);
  const hosts = [...table.services.keys()];
  if (hosts.length > 0 && !hosts.some((one) => hostCovers(host, one))) {
    const close = nearest(host, hosts);
    report(resource, ['spec', 'host'], {
      code: 'CLV207',
      severity: 'warning',
      message: `no declared service is ${host}, so this rule has no effect`,
      hint: close ? `did you mean ${close}?` : '',
    });
  }
}

/** In the mesh a host belongs to one VirtualService: the oldest. The others are dropped without a word. */
function checkOwners(resources: readonly Resource[], report: Report): void {
  const owners = new Map<string, VirtualService>();
  for (const resource of resources) {
    if (
      resource.kind !== 'VirtualService' ||
      !(resource.spec.gateways ?? ['mesh']).includes('mesh')
    )
      continue;
    for (const [index, raw] of (resource.spec.hosts ?? []).entries()) {
      const host = resolveHost(raw, resource.metadata.namespace);
      const owner = owners.get(host);
      if (owner && owner !== resource) {
        const name = `${owner.metadata.namespace}/${owner.metadata.name}`;
        report(resource, ['spec', 'hosts', index], {
          code: 'CLV210',
          severity: 'error',
          message: `${host} belongs to VirtualService ${name} already; in the mesh only one of them counts`,
          hint: 'join their rules in one VirtualService',
        });
        const path = [
          'spec',
          'hosts',
          owner.spec.hosts!.findIndex((one) => resolveHost(one, owner.metadata.namespace) === host),
        ];
        report(owner, path, {
          code: 'CLV212',
          severity: 'info',
          message: `VirtualService ${resource.metadata.namespace}/${resource.metadata.name} names ${host} too, and has no part in it`,
        });
      } else owners.set(host, resource);
    }
  }
}

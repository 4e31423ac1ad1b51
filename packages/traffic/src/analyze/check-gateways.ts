// Gateways that get into each other's way, and VirtualServices bound to a gateway that has none of their hosts.

import { intersection, resolveHost } from '../host.ts';
import type { Gateway, Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkGateways(resources: readonly Resource[], report: Report): void {
  const gateways = resources.filter((one): one is Gateway => one.kind === 'Gateway');
  for (const gateway of gateways) {
    checkConflicts(gateway, gateways, report);
    checkCertificates(gateway, gateways, report);
  }
  for (const one of resources) {
    if (one.kind === 'VirtualService') checkHosts(one, gateways, report);
  }
}

const nameOf = ({ metadata }: Resource) => `${metadata.namespace}/${metadata.name}`;

/** Two gateways for the same pods, port and host: which of them counts is chance to their authors. */
function checkConflicts(gateway: Gateway, gateways: readonly Gateway[], report: Report): void {
  const selector = JSON.stringify(gateway.spec.selector ?? {});
  for (const [index, server] of (gateway.spec.servers ?? []).entries()) {
    const others = gateways.filter(
      (other) =>
        other !== gateway &&
        JSON.stringify(other.spec.selector ?? {}) === selector &&
        (other.spec.servers ?? []).some(
          (one) =>
            one.port.number === server.port.number &&
            one.hosts.some((host) => server.hosts.includes(host)),
        ),
    );
    if (others.length > 0)
      report(gateway, ['spec', 'servers', index], {
        code: 'CLV235',
        severity: 'warning',
        message: `${others.map(nameOf).join(', ')} has the same selector, port and host`,
        hint: 'join them in one Gateway',
      });
  }
}

function checkCertificates(gateway: Gateway, gateways: readonly Gateway[], report: Report): void {
  const selector = JSON.stringify(gateway.spec.selector ?? {});
  for (const [index, { tls }] of (gateway.spec.servers ?? []).entries()) {
    const name = tls?.credentialName;
    if (!name) continue;
    const others = gateways.filter(
      (other) =>
        other !== gateway &&
        JSON.stringify(other.spec.selector ?? {}) === selector &&
        (other.spec.servers ?? []).some((one) => one.tls?.credentialName === name),
    );
    if (others.length > 0)
      report(gateway, ['spec', 'servers', index, 'tls', 'credentialName'], {
        code: 'CLV234',
        severity: 'warning',
        message: `${others.map(nameOf).join(', ')} uses certificate ${name} too: clients that share a connection among hosts get 404`,
        hint: 'put the hosts of one certificate in one Gateway',
      });
  }
}

function checkHosts(one: VirtualService, gateways: readonly Gateway[], report: Report): void {
  const home = one.metadata.namespace;
  for (const [index, raw] of (one.spec.gateways ?? []).entries()) {
    const gateway = gateways.find(
      (other) => nameOf(other) === (raw.includes('/') ? raw : `${home}/${raw}`),
    );
    if (!gateway) continue;
    const theirs = (gateway.spec.servers ?? []).flatMap(({ hosts }) =>
      hosts.flatMap((host) => {
        const [namespace = '*', name] = host.includes('/') ? host.split('/') : ['*', host];
        const wanted = namespace === '.' ? gateway.metadata.namespace : namespace;
        return wanted === '*' || wanted === home ? [name!.toLowerCase()] : [];
      }),
    );
    const lost = (one.spec.hosts ?? []).filter(
      (host) => intersection(theirs, [resolveHost(host, home)]).length === 0,
    );
    if (lost.length > 0)
      report(one, ['spec', 'gateways', index], {
        code: 'CLV232',
        severity: 'warning',
        message: `Gateway ${nameOf(gateway)} has no server for ${lost.join(', ')}`,
        hint:
          theirs.length > 0
            ? `it has ${[...new Set(theirs)].join(', ')}`
            : 'it has no servers for this namespace',
      });
  }
}

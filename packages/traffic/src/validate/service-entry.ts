// ServiceEntries: hosts, ports and endpoints, by the way endpoints are found.

import type { FieldPath } from '../read/check-fields.ts';
import type { ServiceEntry, ServicePort } from '../resource.ts';
import { isHttp, isTls } from '../services.ts';
import { checkEndpoint } from './endpoint.ts';
import { checkExportTo } from './export-to.ts';
import { ipOrRange } from './ip.ts';
import { dnsLabel, host, port as portNumber } from './names.ts';
import { protocol as protocolFault } from './protocols.ts';
import { checkResolution } from './resolution.ts';
import type { Said, Say } from './say.ts';
import { checkSelector } from './selector.ts';

export function checkServiceEntry({ spec, metadata }: ServiceEntry, say: Say): void {
  const {
    hosts = [],
    ports = [],
    endpoints,
    workloadSelector,
    addresses = [],
    resolution = 'NONE',
  } = spec;
  checkSelector(workloadSelector?.labels, ['spec', 'workloadSelector', 'labels'], say);
  if (workloadSelector && endpoints)
    say(['spec', 'endpoints'], {
      code: 'exclusive',
      message: 'endpoints and workloadSelector stand together; only one may',
      hint: 'keep one of them',
    });
  if (hosts.length === 0)
    say(['spec', 'hosts'], {
      code: 'missing',
      message: 'this entry has no host',
      hint: 'add hosts',
    });
  for (const [index, name] of hosts.entries()) say(['spec', 'hosts', index], entryHost(name));
  for (const [index, one] of addresses.entries()) say(['spec', 'addresses', index], ipOrRange(one));
  checkPorts(ports, say);
  checkResolution(spec, say);
  const known = new Set(ports.map((one) => one.name));
  for (const [index, endpoint] of (endpoints ?? []).entries()) {
    if (resolution === 'NONE' || resolution === 'DYNAMIC_DNS') break;
    checkEndpoint(endpoint, ['spec', 'endpoints', index], {
      say,
      ports: known,
      named: resolution !== 'STATIC',
    });
  }
  if (resolution !== 'NONE' && hosts.length > 1) {
    const plain = ports.findIndex(({ protocol = '' }) => !isHttp(protocol) && !isTls(protocol));
    if (plain !== -1)
      say(['spec', 'ports', plain], {
        code: 'place',
        message: 'connections of this port name no host, and the entry has several',
        hint: 'make an entry for each host, or give the port protocol HTTP or TLS',
      });
  }
  checkExportTo(spec.exportTo, metadata.namespace, say, { none: true });
}

function entryHost(name: string): Said | undefined {
  if (name === '*')
    return {
      code: 'name',
      message: 'host * is not allowed',
      hint: 'name the host, such as *.example.com',
    };
  return host(name);
}

function checkPorts(ports: readonly ServicePort[], say: Say): void {
  for (const [index, { name, number, targetPort, protocol = '' }] of ports.entries()) {
    const path: FieldPath = ['spec', 'ports', index];
    const before = ports.slice(0, index);
    for (const field of ['name', 'number'] as const) {
      const value = ports[index]![field];
      if (before.some((one) => one[field] === value))
        say([...path, field], {
          code: 'twice',
          message: `port ${value} stands twice`,
          hint: 'give each port a name and a number of its own',
        });
    }
    say([...path, 'name'], dnsLabel('a port', name ?? ''));
    say([...path, 'number'], portNumber(number ?? 0));
    if (targetPort) say([...path, 'targetPort'], portNumber(targetPort));
    if (protocol !== '') say([...path, 'protocol'], protocolFault(protocol));
  }
}

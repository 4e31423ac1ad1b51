// ServiceEntries that cannot be told apart, or cannot be told at all.

import type { Resource, ServiceEntry } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkServiceEntries(resources: readonly Resource[], report: Report): void {
  const entries = resources.filter((one): one is ServiceEntry => one.kind === 'ServiceEntry');
  const uses = new Map<string, { entry: ServiceEntry; index: number; protocol: string }[]>();
  for (const entry of entries) {
    const { hosts = [], ports = [], addresses = [] } = entry.spec;
    for (const [index, { number, protocol = '' }] of ports.entries()) {
      const plain = protocol.toUpperCase();
      if (addresses.length === 0 && (plain === '' || plain === 'TCP'))
        report(entry, ['spec', 'ports', index], {
          code: 'CLV240',
          severity: 'warning',
          message:
            'connections of this port name no host, and the entry has no addresses to be known by',
          hint: 'add addresses, or a protocol that names the host: HTTP or TLS',
        });
      for (const host of hosts) {
        const key = `${host.toLowerCase()}:${number}`;
        const list = uses.get(key) ?? [];
        list.push({ entry, index, protocol: plain });
        uses.set(key, list);
      }
    }
  }
  for (const [key, list] of uses) {
    const protocols = new Set(list.map((one) => one.protocol));
    if (protocols.size < 2) continue;
    const names = list.map((one) => `${one.entry.metadata.namespace}/${one.entry.metadata.name}`);
    for (const { entry, index } of list)
      report(entry, ['spec', 'ports', index, 'protocol'], {
        code: 'CLV241',
        severity: 'warning',
        message: `${key} has several protocols (${[...protocols].map((one) => one || 'none').join(', ')}) in ${[...new Set(names)].join(', ')}`,
        hint: 'give it one protocol everywhere',
      });
  }
}

// Endpoints of ServiceEntries, and WorkloadEntries.

import type { FieldPath } from '../read/check-fields.ts';
import type { WorkloadEntrySpec } from '../resource.ts';
import { isIp, unixPath } from './ip.ts';
import { dnsLabel, fullHost, podLabels, port } from './names.ts';
import type { Said, Say } from './say.ts';

interface Options {
  readonly say: Say;
  /** Names of the service's ports; absent when nobody knows them. */
  readonly ports?: ReadonlySet<string>;
  /** Whether a name may stand for an address. */
  readonly named: boolean;
}

export function checkEndpoint(
  endpoint: WorkloadEntrySpec,
  path: FieldPath,
  { say, ports, named }: Options,
): void {
  const { address = '', network } = endpoint;
  const socket = address.startsWith('unix://');
  if (address === '') {
    if (!network)
      say(path, { code: 'missing', message: 'this endpoint has no address', hint: 'add address:' });
  } else say([...path, 'address'], addressFault(address, named));
  if (socket && Object.keys(endpoint.ports ?? {}).length > 0)
    say([...path, 'ports'], {
      code: 'place',
      message: 'a socket has no ports',
      hint: 'leave them out',
    });
  if (socket && ports && ports.size !== 1)
    say([...path, 'address'], {
      code: 'place',
      message: 'a socket goes with exactly one port of the entry',
      hint: 'make an entry for each port',
    });
  for (const [name, number] of Object.entries(endpoint.ports ?? {})) {
    const where = [...path, 'ports', name];
    say(
      where,
      ports && !ports.has(name)
        ? {
            code: 'name',
            message: `the entry has no port called ${name}`,
            hint: `it has ${[...ports].join(', ') || 'none'}`,
          }
        : dnsLabel('a port', name),
    );
    say(where, port(number));
  }
  for (const [key, said] of podLabels(endpoint.labels)) say([...path, 'labels', key], said);
}

function addressFault(address: string, named: boolean): Said | undefined {
  if (isIp(address)) return undefined;
  if (address.startsWith('unix://')) return unixPath(address.slice('unix://'.length));
  if (named && !fullHost(address)) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(address)} is no IP address${named ? ' and no name' : ''}`,
    hint: named ? 'write 10.0.0.1 or a name' : 'write 10.0.0.1, or resolution: DNS for names',
  };
}

// What goes with each way to find the endpoints of a ServiceEntry.

import type { ServiceEntrySpec } from '../resource.ts';
import { fullHost } from './names.ts';
import type { Say } from './say.ts';

const DYNAMIC = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

export function checkResolution(spec: ServiceEntrySpec, say: Say): void {
  const { hosts = [], addresses = [], endpoints = [], ports = [], resolution = 'NONE' } = spec;
  if (
    addresses.some((one) => one.includes('/')) &&
    resolution !== 'NONE' &&
    resolution !== 'STATIC'
  )
    say(['spec', 'addresses'], {
      code: 'place',
      message: `a range of addresses does not go with resolution ${resolution}`,
      hint: 'write single addresses, or resolution NONE or STATIC',
    });
  if (resolution === 'NONE' && endpoints.length > 0)
    say(['spec', 'endpoints'], {
      code: 'place',
      message: `endpoints do not go with resolution NONE${spec.resolution ? '' : ', which holds where none is named'}`,
      hint: 'write resolution: STATIC, or DNS for endpoints with names',
    });
  if (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') {
    const wild = endpoints.length === 0 ? hosts.findIndex((one) => fullHost(one)) : -1;
    if (wild !== -1 && hosts[wild] !== '*')
      say(['spec', 'hosts', wild], {
        code: 'place',
        message: `${hosts[wild]} cannot be looked up, as resolution ${resolution} has to`,
        hint: 'add endpoints, name the host, or write resolution: NONE',
      });
    if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
      say(['spec', 'endpoints'], {
        code: 'place',
        message: 'resolution DNS_ROUND_ROBIN has one endpoint at most',
        hint: 'keep one, or write resolution: DNS',
      });
  }
  if (resolution !== 'DYNAMIC_DNS') return;
  const named = hosts.findIndex((one) => !one.startsWith('*'));
  if (named !== -1)
    say(['spec', 'hosts', named], {
      code: 'place',
      message: 'resolution DYNAMIC_DNS is for hosts with a star',
      hint: 'write resolution: DNS',
    });
  for (const field of ['addresses', 'endpoints'] as const) {
    if (spec[field]?.length)
      say(['spec', field], {
        code: 'place',
        message: `${field} do not go with resolution DYNAMIC_DNS`,
        hint: 'leave them out',
      });
  }
  for (const [index, { protocol = '' }] of ports.entries()) {
    if (!DYNAMIC.has(protocol.toUpperCase()))
      say(['spec', 'ports', index, 'protocol'], {
        code: 'place',
        message: `protocol ${protocol || 'none'} does not go with resolution DYNAMIC_DNS`,
        hint: `use one of ${[...DYNAMIC].join(', ')}`,
      });
  }
}

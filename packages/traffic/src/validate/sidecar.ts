// Sidecars: listeners and what they import.

import type { FieldPath } from '../read/check-fields.ts';
import type { Sidecar } from '../resource.ts';
import { checkConnectionPool, type ConnectionPool } from './connection-pool.ts';
import { checkDestination } from './destinations.ts';
import { serverHost } from './gateway.ts';
import { ip, unixPath } from './ip.ts';
import { dnsLabel, port as portNumber } from './names.ts';
import { protocol } from './protocols.ts';
import type { Say } from './say.ts';
import { checkSelector } from './selector.ts';

interface Listener {
  readonly port?: { readonly number?: number; readonly name?: string; readonly protocol?: string };
  readonly bind?: string;
  readonly hosts?: readonly string[];
  readonly connectionPool?: ConnectionPool;
}
interface Written {
  readonly egress?: readonly Listener[];
  readonly ingress?: readonly Listener[];
  readonly inboundConnectionPool?: ConnectionPool;
  readonly outboundTrafficPolicy?: {
    readonly mode?: string;
    readonly egressProxy?: { readonly host: string; readonly port?: { readonly number: number } };
  };
}

export function checkSidecar({ spec }: Sidecar, say: Say): void {
  checkSelector(spec.workloadSelector?.labels, ['spec', 'workloadSelector', 'labels'], say);
  const {
    egress = [],
    ingress = [],
    inboundConnectionPool,
    outboundTrafficPolicy,
  } = spec as Written;
  if (egress.length + ingress.length === 0 && !inboundConnectionPool && !outboundTrafficPolicy)
    return say(['spec'], {
      code: 'missing',
      message: 'this Sidecar says nothing',
      hint: 'add egress or outboundTrafficPolicy',
    });
  checkListeners(ingress, ['spec', 'ingress'], say);
  checkListeners(egress, ['spec', 'egress'], say);
  for (const [index, { connectionPool }] of ingress.entries())
    checkConnectionPool(connectionPool, ['spec', 'ingress', index, 'connectionPool'], say);
  for (const [index, listener] of egress.entries()) {
    const path: FieldPath = ['spec', 'egress', index];
    if (!listener.port && index < egress.length - 1)
      say(path, {
        code: 'place',
        message: 'a listener without port takes all ports, so it stands last',
        hint: 'move it to the end',
      });
    if (!listener.hosts?.length)
      say(path, {
        code: 'missing',
        message: 'this listener has no host',
        hint: "write hosts: ['*/*'] for all",
      });
    for (const [at, one] of (listener.hosts ?? []).entries())
      say([...path, 'hosts', at], serverHost(one, true));
  }
  checkConnectionPool(inboundConnectionPool, ['spec', 'inboundConnectionPool'], say);
  checkOutbound(outboundTrafficPolicy, say);
}

function checkListeners(listeners: readonly Listener[], path: FieldPath, say: Say): void {
  const seen = new Set<number>();
  for (const [index, { port, bind = '' }] of listeners.entries()) {
    if (!port) continue;
    const { number = 0, name = '' } = port;
    const where = [...path, index];
    if (name !== '') say([...where, 'port', 'name'], dnsLabel('a port', name));
    if (port.protocol) say([...where, 'port', 'protocol'], protocol(port.protocol));
    if (number === 0 && path.at(-1) === 'egress') {
      say(
        [...where, 'bind'],
        bind.startsWith('unix://')
          ? unixPath(bind.slice('unix://'.length))
          : {
              code: 'missing',
              message: 'port 0 is for a socket',
              hint: 'add bind: unix:///path, or a port',
            },
      );
      continue;
    }
    say([...where, 'port', 'number'], portNumber(number));
    if (seen.has(number))
      say([...where, 'port', 'number'], {
        code: 'twice',
        message: `port ${number} stands twice`,
        hint: 'join the listeners',
      });
    seen.add(number);
    if (bind !== '') say([...where, 'bind'], ip(bind));
  }
}

function checkOutbound(policy: Written['outboundTrafficPolicy'], say: Say): void {
  if (!policy) return;
  const path = ['spec', 'outboundTrafficPolicy'];
  const { mode, egressProxy } = policy;
  // Istio 1.32 has it in MeshConfig alone, and its API server takes no Sidecar with it.
  if (mode === 'ALLOW_ANY_DYNAMIC_DNS')
    say([...path, 'mode'], {
      code: 'unsupported',
      severity: 'warning',
      message: `Istio may refuse ${mode} here; it lets through what nobody declared, as ALLOW_ANY does`,
      hint: 'write ALLOW_ANY, or set it for the whole mesh',
    });
  if (!egressProxy) return;
  if (mode !== 'ALLOW_ANY')
    return say([...path, 'egressProxy'], {
      code: 'place',
      message: 'egressProxy goes with mode ALLOW_ANY only',
      hint: 'write mode: ALLOW_ANY',
    });
  if (!egressProxy.port)
    say([...path, 'egressProxy'], {
      code: 'missing',
      message: 'egressProxy has no port',
      hint: 'add port: {number: …}',
    });
  checkDestination(egressProxy, [...path, 'egressProxy'], say);
}

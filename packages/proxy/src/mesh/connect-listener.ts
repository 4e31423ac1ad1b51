// What a listener does with a connection before it is HTTP: TLS where it is spoken, bytes for TCP
// destinations, and the identity of the client.

import type { Socket } from 'node:net';
import type { Caller, PeerModes, RoutingTable } from '@clover/traffic';
import type { HttpListener } from '../downstream/http-listener.ts';
import type { Identities } from '../identity/identities.ts';
import { createInboundTls } from '../identity/inbound-tls.ts';
import type { ServiceAccount } from '../identity/spiffe.ts';
import { createConnectionRouter } from '../tcp/connection-router.ts';
import { createTcpProxy, type TcpProxy, type TcpRecord } from '../tcp/tcp-proxy.ts';
import type { Workload } from '../workload.ts';
import type { ListenerPlan } from './listener-plan.ts';
import type { Member } from './member.ts';

/** What a configuration says about the security of connections. */
export interface Security {
  readonly identities: Identities | undefined;
  /** Folder of what `credentialName` means. */
  readonly credentials: string | undefined;
  /** Of the configuration in force. */
  modes(): PeerModes;
  onTcpEnd(plan: ListenerPlan, record: TcpRecord): void;
}

export interface Connector {
  accept(socket: Socket): void;
  /** After another configuration came into force. */
  updated(): void;
  close(): void;
}

const ALPN = ['h2', 'http/1.1'];

/** Undefined where every connection is plain HTTP: the port for `HTTP_PROXY`, and inbound without identities. */
export function connectListener(
  plan: ListenerPlan,
  member: Member,
  listener: HttpListener,
  { caller, security }: { caller: Caller; security: Security },
): Connector | undefined {
  const { identities, credentials } = security;
  const account = accountOf(plan);
  if (plan.direction === 'proxy') return undefined;
  if (plan.direction === 'inbound') {
    if (identities === undefined) return undefined;
    const workload = plan.owner as Workload;
    const terminator = createInboundTls({
      identities,
      account,
      mode: () => security.modes().of(workload, workload.ports[plan.servicePort]!),
      alpn: ['istio-h2', 'istio-http/1.1', 'istio', ...ALPN],
      onPlain: (socket) => listener.serve(socket, ''),
      onSecure: (socket, principal) => listener.serve(socket, principal),
    });
    return {
      accept: (socket) => terminator.accept(socket),
      updated() {},
      close: () => terminator.close(),
    };
  }
  const tcp: TcpProxy = createTcpProxy({
    clusters: () => member.clusters,
    clientNamespace: caller.namespace,
    onEnd: (record) => security.onTcpEnd(plan, record),
  });
  const table = (): RoutingTable => listener.scope.table;
  const router = createConnectionRouter({
    table,
    caller,
    port: plan.servicePort,
    tcp,
    onHttp: (socket, principal) => listener.serve(socket, principal),
    tls: {
      account,
      alpn: ALPN,
      ...(credentials !== undefined && { credentials }),
      ...(identities && { identities }),
    },
  });
  return {
    accept: (socket) => router.accept(socket),
    updated: () => router.updated(),
    close: () => tcp.close(),
  };
}

export function accountOf({ owner }: Pick<ListenerPlan, 'owner'>): ServiceAccount {
  return {
    namespace: owner.namespace,
    serviceAccount: 'serviceAccount' in owner ? owner.serviceAccount : owner.name,
  };
}

// What a listener does with a connection before it is HTTP: TLS where it is spoken, bytes for TCP
// destinations, and the identity of the client.

import type { Socket } from 'node:net';
import type { Caller, PeerModes, RoutingTable } from '@clover/traffic';
import type { HttpListener } from '../downstream/http-listener.ts';
import type { Identities } from '../identity/identities.ts';
import { createInboundTls } from '../identity/inbound-tls.ts';
import type { ServiceAccount } from '../identity/spiffe.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import { createConnectionRouter } from '../tcp/connection-router.ts';
import { createTunnels } from '../tcp/tunnel.ts';
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

export interface ConnectOptions {
  readonly caller: Caller;
  readonly security: Security;
  /** The inbound listener for bytes of an endpoint that is a local workload; else the endpoint. */
  readonly resolveTcp: PoolOptions['resolve'];
}

/** Undefined where every connection is plain HTTP: the port for `HTTP_PROXY`, and inbound without identities. */
export function connectListener(
  plan: ListenerPlan,
  member: Member,
  listener: HttpListener,
  { caller, security, resolveTcp }: ConnectOptions,
): Connector | undefined {
  const { identities, credentials } = security;
  const account = accountOf(plan);
  const tcp: TcpProxy = createTcpProxy({
    clusters: () => member.clusters,
    clientNamespace: caller.namespace,
    ...(plan.direction !== 'inbound' && { dial: { ...member.outboundPool, resolve: resolveTcp } }),
    onEnd: (record) => security.onTcpEnd(plan, record),
  });
  const table = (): RoutingTable => listener.scope.table;
  if (plan.direction === 'proxy') {
    listener.openTunnel = createTunnels({
      table,
      clusters: () => member.clusters,
      caller,
      tcp,
      onHttp: (socket) => listener.serve(socket, ''),
      isOwnListener: member.outboundOptions.isOwnListener,
    });
    return undefined;
  }
  if (plan.direction === 'inbound') {
    if (identities === undefined) return undefined;
    const workload = plan.owner as Workload;
    const serve = (socket: Socket, principal: string) => {
      if (plan.isTcp)
        tcp.forward(socket, member.inbound(workload, plan.servicePort), { principal });
      else listener.serve(socket, principal);
    };
    const terminator = createInboundTls({
      identities,
      account,
      mode: () => security.modes().of(workload, workload.ports[plan.servicePort]!),
      ...(!plan.isTcp && { alpn: ['istio-h2', 'istio-http/1.1', 'istio', ...ALPN] }),
      onPlain: (socket) => serve(socket, ''),
      onSecure: serve,
    });
    return {
      accept: (socket) => terminator.accept(socket),
      updated() {},
      close() {
        terminator.close();
        tcp.close();
      },
    };
  }
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

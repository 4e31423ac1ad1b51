// What a listener does with a connection before it is HTTP: TLS where it is spoken, bytes for TCP
// destinations, and the identity of the client.

import type { Socket } from 'node:net';
import type { PeerModes, RoutingTable } from '@clover/traffic';
import type { HttpListener } from '../downstream/http-listener.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { Identities } from '../identity/identities.ts';
import { createInboundTls } from '../identity/inbound-tls.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import { createConnectionRouter } from '../tcp/connection-router.ts';
import { createTunnels } from '../tcp/tunnel.ts';
import {
  createTcpProxy,
  type TcpMeter,
  type TcpOpened,
  type TcpProxy,
  type TcpRecord,
} from '../tcp/tcp-proxy.ts';
import type { Workload } from '../workload.ts';
import { liveAccount, liveCaller } from './account-of.ts';
import type { ListenerPlan } from './listener-plan.ts';
import type { Member } from './member.ts';

/** What a configuration says about the security of connections. */
export interface Security {
  readonly identities: Identities | undefined;
  readonly credentials: Credentials;
  /** Of the configuration in force. */
  modes(): PeerModes;
  openTcp(plan: ListenerPlan, opened: TcpOpened): TcpMeter;
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
  readonly security: Security;
  /** The inbound listener for bytes of an endpoint that is a local workload; else the endpoint. */
  readonly resolveTcp: PoolOptions['resolve'];
  /** Told of each connection to an endpoint that carries bytes. */
  readonly onDialled: (socket: Socket) => void;
}

/**
 * Undefined where every connection is plain HTTP: the port for `HTTP_PROXY`, and inbound without identities.
 * @param current the listener as the configuration in force has it
 */
export function connectListener(
  current: () => ListenerPlan,
  member: Member,
  listener: HttpListener,
  { security, resolveTcp, onDialled }: ConnectOptions,
): Connector | undefined {
  const { direction, servicePort } = current();
  const { identities, credentials } = security;
  const tcp: TcpProxy = createTcpProxy({
    clusters: () => member.clusters,
    clientNamespace: member.owner.namespace,
    ...(direction !== 'inbound' && { dial: { resolve: resolveTcp, onConnected: onDialled } }),
    onOpen: (opened) => security.openTcp(current(), opened),
    onEnd: (record) => security.onTcpEnd(current(), record),
  });
  const table = (): RoutingTable => listener.scope.table;
  if (direction === 'inbound') return connectInbound(current, { member, listener, security, tcp });
  if (direction === 'proxy') {
    listener.openTunnel = createTunnels({
      table,
      clusters: () => member.clusters,
      caller: liveCaller(current),
      tcp,
      onHttp: (socket) => listener.serve(socket, ''),
      isOwnListener: member.outboundOptions.isOwnListener,
    });
    return undefined;
  }
  const router = createConnectionRouter({
    table,
    caller: liveCaller(current),
    port: servicePort,
    tcp,
    onHttp: (socket, principal) => listener.serve(socket, principal),
    tls: {
      account: liveAccount(() => current().owner),
      alpn: ALPN,
      onError: tlsFailed(listener),
      credentials,
      ...(identities && { identities }),
    },
  });
  return {
    accept: (socket) => router.accept(socket),
    updated: () => router.updated(),
    close: () => tcp.close(),
  };
}

interface Inbound {
  readonly member: Member;
  readonly listener: HttpListener;
  readonly security: Security;
  readonly tcp: TcpProxy;
}

function connectInbound(
  current: () => ListenerPlan,
  { member, listener, security, tcp }: Inbound,
): Connector | undefined {
  const { identities } = security;
  if (identities === undefined) return undefined;
  const { isTcp } = current();
  const serve = (socket: Socket, principal: string) => {
    if (!isTcp) return listener.serve(socket, principal);
    const { owner, servicePort } = current();
    return tcp.forward(socket, member.inbound(owner as Workload, servicePort, false), {
      principal,
    });
  };
  const terminator = createInboundTls({
    identities,
    account: liveAccount(() => current().owner),
    mode() {
      const { owner, servicePort } = current();
      const workload = owner as Workload;
      return security.modes().of(workload, workload.ports[servicePort]!);
    },
    ...(!isTcp && { alpn: ['istio-h2', 'istio-http/1.1', 'istio', ...ALPN] }),
    onError: tlsFailed(listener),
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

/** The client hears of it by the end of its connection, an operator by this number. */
const tlsFailed = (listener: HttpListener) => () =>
  listener.scope.meter?.count('downstream_cx_ssl_connection_error');

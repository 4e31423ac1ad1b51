// Counters of connections: told when one opens, fed with its bytes every second and at its end.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { RequestSink, Scope } from '../exchange/scope.ts';
import type { Upstream } from '../pool/endpoint-pool.ts';
import type { ListenerStats } from '../telemetry/metrics/listener-stats.ts';
import type { TcpMeter, TcpOpened } from '../tcp/tcp-proxy.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import type { ListenerPlan } from './listener-plan.ts';

export interface ConnectionMeters {
  upstream(socket: Socket, to: Upstream, inbound?: Workload | GatewayWorkload): void;
  /** Gives what is to be called at its end. */
  downstream(socket: Socket, scope: Scope): () => void;
  tcp(plan: ListenerPlan, opened: TcpOpened): TcpMeter;
  listener(
    plan: ListenerPlan,
    address: { address: string; port: number },
  ): ListenerStats | undefined;
  /** A listener that is gone. */
  forget(plan: ListenerPlan, address: { address: string; port: number }): void;
  tick(): void;
}

interface Open {
  readonly bytes: (received: number, sent: number) => void;
  /** All bytes so far, both ways. */
  readonly total: () => readonly [received: number, sent: number];
  received: number;
  sent: number;
}

export function createConnectionMeters(sink: RequestSink): ConnectionMeters {
  const open = new Set<Open>();

  function follow(one: Pick<Open, 'bytes' | 'total'>): () => void {
    const entry: Open = { ...one, received: 0, sent: 0 };
    open.add(entry);
    return () => {
      open.delete(entry);
      read(entry);
    };
  }

  /** Gives what is to be called at the end. */
  function followSocket(
    socket: Socket,
    bytes: Open['bytes'],
    closed: (end: { lengthMs: number; byRemote: boolean }) => void,
  ): () => void {
    const startMs = performance.now();
    const over = follow({ bytes, total: () => [socket.bytesRead, socket.bytesWritten] });
    return () => {
      over();
      const byRemote = socket.readableEnded || socket.errored !== null;
      closed({ lengthMs: performance.now() - startMs, byRemote });
    };
  }

  return {
    upstream(socket, { cluster, connectMs, carrying }, inbound) {
      const stats = sink.clusterStats?.(cluster, inbound);
      if (stats === undefined) return;
      stats.connectionOpened(connectMs, cluster.http2 ? 'http2' : 'http1');
      const ended = followSocket(
        socket,
        (received, sent) => stats.bytes(received, sent),
        (end) => stats.connectionClosed({ ...end, activeRequests: carrying() }),
      );
      socket.once('close', ended);
    },
    downstream(socket, { meter }) {
      if (meter === undefined) return () => undefined;
      meter.connectionOpened(socket instanceof TLSSocket);
      return followSocket(
        socket,
        (received, sent) => meter.bytes(received, sent),
        (end) => meter.connectionClosed(end),
      );
    },
    tcp({ owner, direction }, { cluster, endpoint, connectMs, pump }) {
      const stats = sink.clusterStats?.(cluster);
      const meter = sink.openTcp?.({
        workload: owner,
        direction: direction === 'proxy' ? 'outbound' : direction,
        cluster,
        endpoint,
        peer: undefined,
      });
      const startMs = performance.now();
      stats?.connectionOpened(connectMs, 'tcp');
      const over = follow({
        total: () => [pump.received, pump.sent],
        bytes(received, sent) {
          meter?.bytes(received, sent);
          stats?.bytes(sent, received);
        },
      });
      return {
        closed({ byUpstream }) {
          over();
          meter?.closed();
          const lengthMs = performance.now() - startMs;
          stats?.connectionClosed({ lengthMs, byRemote: byUpstream, activeRequests: 0 });
        },
      };
    },
    listener({ direction }, { address, port }) {
      if (direction === 'proxy') return sink.listenerStats?.('outbound', `${address}:${port}`);
      return sink.listenerStats?.(direction, `${address}:${port}`);
    },
    forget({ direction }, { address, port }) {
      const known = direction === 'proxy' ? 'outbound' : direction;
      sink.forgetListener?.(known, `${address}:${port}`);
    },
    tick() {
      for (const one of open) read(one);
    },
  };
}

function read(one: Open): void {
  const [received, sent] = one.total();
  if (received === one.received && sent === one.sent) return;
  one.bytes(received - one.received, sent - one.sent);
  one.received = received;
  one.sent = sent;
}

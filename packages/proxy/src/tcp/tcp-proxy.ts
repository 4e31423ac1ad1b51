// Connections that are passed on as bytes: chosen destination, limits, time, and what is said of each at its end.

import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { ConnectionDestination } from '@clover/traffic';
import {
  LOCAL_ORIGIN,
  type Cluster,
  type ClusterSet,
  type Endpoint,
  type HashInput,
} from '../upstream/cluster.ts';
import type { PoolOptions } from '../pool/endpoint-pool.ts';
import { closeSoon, join, type Pump } from './pump.ts';

/** What is known of a connection at its end. */
export interface TcpRecord {
  readonly startUnixMs: number;
  readonly durationMs: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Envoy's, several with commas: `NR`, `NC`, `UH`, `UO`, `UF,URX`, `DT`; '' when nothing went wrong. */
  readonly responseFlags: string;
  readonly details: string;
  readonly serverName: string;
  readonly principal: string;
  readonly downstreamRemote: string;
  readonly downstreamLocal: string;
  readonly upstreamLocal: string;
  readonly cluster: Cluster | undefined;
  readonly endpoint: Endpoint | undefined;
}

export interface TcpProxyOptions {
  readonly clusters: () => ClusterSet;
  readonly clientNamespace: string;
  readonly random?: () => number;
  /** Told when both sides are connected. */
  readonly onOpen?: (opened: TcpOpened) => TcpMeter;
  /** Where endpoints are really reached, and who is told of connections to them: as for requests. */
  readonly dial?: Pick<PoolOptions, 'resolve'> & {
    readonly onConnected: (socket: Socket) => void;
  };
  readonly onEnd: (record: TcpRecord) => void;
}

export interface TcpOpened {
  readonly cluster: Cluster;
  readonly endpoint: Endpoint;
  readonly connectMs: number;
  /** Counts on. */
  readonly pump: Pump;
}

export interface TcpMeter {
  closed(end: { readonly byUpstream: boolean }): void;
}

/** What was learnt of a connection before. */
export interface TcpContext {
  readonly serverName?: string | undefined;
  readonly principal?: string | undefined;
  /** Host and port that the client named itself. */
  readonly authority?: string | undefined;
}

export interface TcpProxy {
  readonly active: number;
  /** To one of several destinations by weight. */
  route(socket: Socket, destinations: readonly ConnectionDestination[], context?: TcpContext): void;
  /** To an endpoint of one cluster; undefined is one that does not exist. */
  forward(socket: Socket, cluster: Cluster | undefined, context?: TcpContext): void;
  /** Closes a connection that goes nowhere. */
  refuse(socket: Socket, context?: TcpContext): void;
  /** Cuts all connections. */
  close(): void;
}

export function createTcpProxy(options: TcpProxyOptions): TcpProxy {
  const { random = Math.random } = options;
  const active = new Set<Socket>();

  function forward(socket: Socket, cluster: Cluster | undefined, context: TcpContext = {}): void {
    const end = begin(socket, cluster, context);
    if (!cluster) return end.now('NC', 'cluster_not_found');
    if (cluster.connections >= cluster.limits.maxConnections) return end.now('UO', 'overflow');
    const endpoint = cluster.pick(
      cluster.hashes ? hashInput(socket, context.authority) : undefined,
      undefined,
    );
    if (!endpoint) return end.now('UH', 'no_healthy_upstream');
    end.onOpen = options.onOpen;
    return dial({ socket, cluster, endpoint, end }, options.dial);
  }

  function begin(socket: Socket, cluster: Cluster | undefined, context: TcpContext): Ending {
    const ending = new Ending(socket, cluster, context, options.onEnd);
    active.add(socket);
    socket.once('close', () => active.delete(socket));
    socket.on('error', () => {}); // its close says enough
    return ending;
  }

  return {
    get active() {
      return active.size;
    },
    route(socket, destinations, context) {
      const chosen = choose(destinations, random());
      if (!chosen) return begin(socket, undefined, context ?? {}).now('NR', 'route_not_found');
      const { host, subset, port } = chosen;
      return forward(
        socket,
        options.clusters().get(host, subset, port, options.clientNamespace),
        context,
      );
    },
    forward,
    refuse(socket, context = {}) {
      begin(socket, undefined, context).now('NR', 'filter_chain_not_found');
    },
    close() {
      for (const one of active) one.destroy();
    },
  };
}

/** By probability; the last one takes what rounding leaves. */
function choose(
  destinations: readonly ConnectionDestination[],
  draw: number,
): ConnectionDestination | undefined {
  let rest = draw;
  for (const one of destinations) {
    rest -= one.probability;
    if (rest < 0) return one;
  }
  return destinations.at(-1);
}

/** A client that has sent everything may still be answered. TLS takes it too, its types do not know. */
const HALF_OPEN = { allowHalfOpen: true };

interface Dial {
  readonly socket: Socket;
  readonly cluster: Cluster;
  readonly endpoint: Endpoint;
  readonly end: Ending;
}

function dial({ socket, cluster, endpoint, end }: Dial, options: TcpProxyOptions['dial']): void {
  end.endpoint = endpoint;
  cluster.connections++;
  endpoint.active++;
  const startMs = performance.now();
  let upstream: Socket;
  try {
    const tls = cluster.tls?.connectionOptions(endpoint);
    const { address: host, port } = options?.resolve(endpoint) ?? endpoint;
    upstream = tls
      ? connectTls({ ...tls, host, port, ...HALF_OPEN })
      : connectPlain({ host, port, noDelay: true, ...HALF_OPEN });
  } catch (error) {
    cluster.connections--;
    endpoint.active--;
    end.now('UF,URX', error instanceof Error ? error.message : String(error));
    return;
  }
  let joined = false;
  const fail = (details: string) => {
    if (joined) return;
    joined = true;
    upstream.destroy();
    if (!socket.destroyed) cluster.report(endpoint, LOCAL_ORIGIN.connect);
    end.now('UF,URX', details);
  };
  const timer = setTimeout(() => fail('connect_timeout'), cluster.limits.connectTimeoutMs);
  upstream.once('close', () => {
    clearTimeout(timer);
    cluster.connections--;
    endpoint.active--;
    fail('upstream_closed');
  });
  upstream.on('error', (error) => fail(error.message));
  socket.once('close', () => {
    if (joined) closeSoon(upstream);
    else upstream.destroy();
  });
  upstream.once(upstream instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer);
    if (joined || socket.destroyed) return upstream.destroy();
    joined = true;
    options?.onConnected(upstream);
    cluster.report(endpoint, 200);
    end.upstreamLocal = `${upstream.localAddress}:${upstream.localPort}`;
    end.pump = join(socket, upstream);
    const connectMs = performance.now() - startMs;
    const meter = end.onOpen?.({ cluster, endpoint, connectMs, pump: end.pump });
    let byUpstream = false;
    upstream.once('end', () => (byUpstream = !socket.readableEnded));
    if (meter) upstream.once('close', () => meter.closed({ byUpstream }));
    limitTime(socket, cluster, end);
    return undefined;
  });
}

/** No bytes for too long, or too long at all. */
function limitTime(socket: Socket, cluster: Cluster, end: Ending): void {
  const { idleTimeoutMs, maxConnectionDurationMs = 0 } = cluster.limits;
  if (idleTimeoutMs > 0) {
    socket.setTimeout(idleTimeoutMs, () => {
      end.details = 'idle_timeout';
      socket.destroy();
    });
  }
  if (maxConnectionDurationMs > 0) {
    const timer = setTimeout(() => {
      end.flags = 'DT';
      end.details = 'max_connection_duration';
      socket.destroy();
    }, maxConnectionDurationMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** Collects what is said of a connection and says it once, when it is closed. */
class Ending {
  flags = '';
  details = '';
  endpoint: Endpoint | undefined = undefined;
  upstreamLocal = '';
  pump: Pump = { received: 0, sent: 0 };
  onOpen: TcpProxyOptions['onOpen'];
  readonly #socket: Socket;

  constructor(
    socket: Socket,
    cluster: Cluster | undefined,
    context: TcpContext,
    onEnd: (record: TcpRecord) => void,
  ) {
    this.#socket = socket;
    const startMs = performance.now();
    const downstreamRemote = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    const downstreamLocal = `${socket.localAddress ?? ''}:${socket.localPort ?? ''}`;
    const say = () =>
      onEnd({
        startUnixMs: performance.timeOrigin + startMs,
        durationMs: performance.now() - startMs,
        bytesReceived: this.pump.received,
        bytesSent: this.pump.sent,
        responseFlags: this.flags,
        details: this.details,
        serverName: context.serverName ?? '',
        principal: context.principal ?? '',
        downstreamRemote,
        downstreamLocal,
        upstreamLocal: this.upstreamLocal,
        cluster,
        endpoint: this.endpoint,
      });
    if (socket.closed) queueMicrotask(say);
    else socket.once('close', say);
  }

  /** Closes the connection for a reason. */
  now(flags: string, details: string): void {
    this.flags = flags;
    this.details = details;
    this.#socket.destroy();
  }
}

function hashInput(socket: Socket, authority: string | undefined): HashInput {
  return {
    header: (name) => (name === 'host' ? authority : undefined),
    sourceIp: socket.remoteAddress ?? '',
    path: '',
  };
}

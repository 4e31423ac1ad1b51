// The connections of one endpoint: idle ones are used again, last used first; requests wait for new
// ones within the cluster's limits, as Envoy counts them.

import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { UpstreamFailure, UpstreamHandler } from '../exchange/streams.ts';
import type { Cluster, Endpoint } from '../upstream/cluster.ts';
import { Http2Upstream, type Http2Owner } from '../http2/http2-upstream.ts';
import type { CountCluster } from './count-cluster.ts';
import { Http1Upstream, type Http1Owner } from './http1-upstream.ts';

/** A request that waits for a connection. */
export interface Ticket {
  cancel(): void;
}

/** Where an endpoint is really reached, when that is not its own address: the inbound listener of a local workload. */
export type Resolve = (endpoint: Endpoint) => { address: string; port: number };

/** A connection to an endpoint that has just been made. */
export interface Upstream {
  readonly cluster: Cluster;
  readonly connectMs: number;
  /** Requests that are under way on it. */
  carrying(): number;
}

export interface PoolOptions {
  readonly resolve: Resolve;
  /** Told of each connection, so that the listener at its other end knows whose it is. */
  readonly onConnected?: (socket: Socket, to: Upstream) => void;
  /** Told of what happens here and nowhere else. */
  readonly count?: CountCluster;
  readonly now: () => number;
  /** How names of endpoints are looked up; the system's way when undefined. */
  readonly lookup?: LookupFunction | undefined;
}

const OVERFLOW: UpstreamFailure = { reason: 'overflow', detail: '' };

export class EndpointPool implements Http1Owner, Http2Owner {
  readonly cluster: Cluster;
  readonly endpoint: Endpoint;
  readonly #options: PoolOptions;
  readonly #idle: Http1Upstream[] = [];
  readonly #all = new Set<Http1Upstream>();
  readonly #sessions: Http2Upstream[] = [];
  readonly #sockets = new Set<Socket>();
  #waiting: UpstreamHandler[] = [];
  #connecting = 0;
  #draining = false;

  constructor(cluster: Cluster, endpoint: Endpoint, options: PoolOptions) {
    this.cluster = cluster;
    this.endpoint = endpoint;
    this.#options = options;
  }

  get size(): number {
    return this.#all.size + this.#sessions.length + this.#connecting;
  }

  /** Tells the handler at once when a connection is free; otherwise gives a ticket. Overflow is told at once too. */
  acquire(handler: UpstreamHandler): Ticket | undefined {
    for (let free = this.#idle.pop(); free !== undefined; free = this.#idle.pop()) {
      if (free.closed) continue;
      free.begin(handler);
      handler.onUpstreamReady(free);
      return undefined;
    }
    const session = this.#sessions.find((one) => one.hasRoom);
    if (session !== undefined) {
      session.begin(handler);
      return undefined;
    }
    const { cluster } = this;
    if (cluster.pending >= cluster.limits.maxPendingRequests) {
      handler.onUpstreamFailure(OVERFLOW);
      return undefined;
    }
    cluster.pending++;
    this.#options.count?.(cluster, 'upstream_rq_pending_total');
    this.#waiting.push(handler);
    this.#connectIfNeeded();
    if (this.#connecting === 0) this.#options.count?.(cluster, 'upstream_cx_overflow');
    return { cancel: () => this.#cancel(handler) };
  }

  onIdle(connection: Http1Upstream): void {
    const { maxRequestsPerConnection } = this.cluster.limits;
    if (
      this.#draining ||
      (maxRequestsPerConnection > 0 && connection.served >= maxRequestsPerConnection)
    ) {
      if (!this.#draining) this.#options.count?.(this.cluster, 'upstream_cx_max_requests');
      connection.close();
      return;
    }
    const next = this.#takeWaiting();
    if (next === undefined) {
      connection.idleSinceMs = this.#options.now();
      this.#idle.push(connection);
      return;
    }
    connection.begin(next);
    next.onUpstreamReady(connection);
  }

  onClosed(connection: Http1Upstream): void {
    this.#all.delete(connection);
    const idle = this.#idle.indexOf(connection);
    if (idle !== -1) this.#idle.splice(idle, 1);
    this.cluster.connections--;
    this.#connectIfNeeded();
  }

  onRoom(session: Http2Upstream): void {
    if (session.active === 0) session.idleSinceMs = this.#options.now();
    const { maxRequestsPerConnection } = this.cluster.limits;
    if (
      this.#draining ||
      (maxRequestsPerConnection > 0 && session.served >= maxRequestsPerConnection)
    )
      session.drain();
    else while (this.#waiting.length > 0 && session.hasRoom) session.begin(this.#takeWaiting()!);
  }

  onSessionClosed(session: Http2Upstream): void {
    const at = this.#sessions.indexOf(session);
    if (at !== -1) this.#sessions.splice(at, 1);
    this.cluster.connections--;
    this.#connectIfNeeded();
  }

  /** Ends connections that were idle for longer than the cluster allows. */
  sweep(nowMs: number): void {
    const { idleTimeoutMs } = this.cluster.limits;
    const isOld = (sinceMs: number) => nowMs - sinceMs > idleTimeoutMs;
    const idle: { close(): void }[] = this.#sessions.filter(
      (one) => one.active === 0 && isOld(one.idleSinceMs),
    );
    while (this.#idle.length > 0 && isOld(this.#idle[0]!.idleSinceMs))
      idle.push(this.#idle.shift()!);
    for (const one of idle) {
      this.#options.count?.(this.cluster, 'upstream_cx_idle_timeout');
      one.close();
    }
  }

  /** Idle connections end now and the others after their answer. */
  drain(): void {
    this.#draining = true;
    for (const connection of this.#idle.splice(0)) connection.close();
    for (const session of this.#sessions) session.drain();
  }

  /** Ends everything at once. */
  close(): void {
    this.#draining = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #takeWaiting(): UpstreamHandler | undefined {
    const next = this.#waiting.shift();
    if (next !== undefined) this.cluster.pending--;
    return next;
  }

  #cancel(handler: UpstreamHandler): void {
    const at = this.#waiting.indexOf(handler);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    this.cluster.pending--;
  }

  /** Every endpoint may have one connection even at the limit, as in Envoy. */
  #connectIfNeeded(): void {
    const { cluster } = this;
    while (
      this.#connecting <
        (cluster.http2 ? Math.min(1, this.#waiting.length) : this.#waiting.length) &&
      (cluster.connections < cluster.limits.maxConnections || this.size === 0)
    )
      this.#connect();
  }

  #connect(): void {
    const { cluster, endpoint } = this;
    const { resolve, lookup } = this.#options;
    const { address, port } = resolve(endpoint);
    const startMs = this.#options.now();
    this.#connecting++;
    cluster.connections++;
    const host = { host: address, port, noDelay: true, keepAlive: true, ...(lookup && { lookup }) };
    let tls: ConnectionOptions | undefined;
    try {
      tls = cluster.tls?.connectionOptions(endpoint);
    } catch (error) {
      // Certificates that cannot be used: told as Envoy tells it, a turn later like every failure.
      const detail = `TLS_error: ${(error as Error).message}`;
      setImmediate(() => {
        this.#connecting--;
        cluster.connections--;
        this.#failAll({ reason: 'connect', detail });
      });
      return;
    }
    const socket = tls
      ? connectTls({ ...tls, ...host })
      : connectTcp({ ...host, autoSelectFamily: isIP(address) === 0 });
    this.#sockets.add(socket);
    let failure: UpstreamFailure = { reason: 'connect', detail: 'Connection closed' };
    const timer = setTimeout(() => {
      failure = { reason: 'connectTimeout', detail: '' };
      socket.destroy();
    }, cluster.limits.connectTimeoutMs);
    const onError = (error: NodeJS.ErrnoException) => {
      if (failure.reason === 'connect') failure = connectFailure(error);
    };
    const onClose = () => {
      clearTimeout(timer);
      this.#connecting--;
      cluster.connections--;
      this.#options.count?.(cluster, 'upstream_cx_connect_fail');
      if (failure.reason === 'connectTimeout')
        this.#options.count?.(cluster, 'upstream_cx_connect_timeout');
      this.#failAll(failure);
    };
    socket.on('error', onError);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.once('close', onClose);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('close', onClose);
      socket.off('error', onError);
      this.#connecting--;
      let carrying = () => 0;
      const connectMs = this.#options.now() - startMs;
      this.#options.onConnected?.(socket, { cluster, connectMs, carrying: () => carrying() });
      if (cluster.http2) {
        const session = new Http2Upstream(socket, this);
        carrying = () => session.active;
        this.#sessions.push(session);
        this.onRoom(session);
        return;
      }
      const connection = new Http1Upstream(socket, this);
      carrying = () => (connection.busy ? 1 : 0);
      this.#all.add(connection);
      this.onIdle(connection);
    });
  }

  /** As in Envoy, one connection that cannot be made fails all who wait at this endpoint. */
  #failAll(failure: UpstreamFailure): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const handler of waiting) {
      this.cluster.pending--;
      handler.onUpstreamFailure(failure);
    }
  }
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
};
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'EAI_NODATA', 'EAI_FAIL']);

function connectFailure(error: NodeJS.ErrnoException): UpstreamFailure {
  const code = error.code ?? '';
  return {
    reason: 'connect',
    detail: SYSTEM_WORDS[code] ?? error.message,
    unresolved: UNRESOLVED.has(code),
  };
}

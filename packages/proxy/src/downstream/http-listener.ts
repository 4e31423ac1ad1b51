// A listening address whose connections speak HTTP.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { RequestHead } from '../codec/head.ts';
import type { Scope } from '../exchange/scope.ts';
import type { Peer } from '../request-record.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { Http2Downstream, type Http2Host } from '../http2/http2-downstream.ts';
import { Http1Downstream } from './http1-downstream.ts';
import type { Http1Host } from './http1-host.ts';

/** What listeners of one data plane share. */
export interface ListenerShared {
  readonly limits: ConnectionLimits;
  /** Open client connections of all listeners. */
  connections: number;
  /** Connections refused because there were too many. */
  refused: number;
  /** Whose connection this is, when both of its ends are in this process. */
  peerOf(remote: string, principal: string): Peer | undefined;
  openTunnel(scope: Scope, socket: Socket, head: RequestHead, rest: Buffer): boolean;
  /** Told of each connection that carries HTTP; gives what is to be told of its end. */
  onConnection(socket: Socket, scope: Scope): () => void;
}

interface Connector {
  accept(socket: Socket): void;
}

type Connection = Http1Downstream | Http2Downstream;

export class HttpListener implements Http1Host, Http2Host {
  /** In force for requests that begin from now on. */
  scope: Scope;
  draining = false;
  readonly #shared: ListenerShared;
  /** What is done with a connection first; it is plain HTTP when undefined. */
  connector: Connector | undefined = undefined;
  readonly #server: Server;
  /** With what is told of their end. */
  readonly #connections = new Map<Connection, () => void>();

  constructor(scope: Scope, shared: ListenerShared) {
    this.scope = scope;
    this.#shared = shared;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  get limits(): ConnectionLimits {
    return this.#shared.limits;
  }

  get address(): { address: string; port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { address, port };
  }

  /** Rejects with the system's error. Port 0 takes any free one. */
  listen(address: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => {}); // such as too many open files: the next accept may do
        resolve();
      });
    });
  }

  /** A connection that carries HTTP. `principal`: the client's SPIFFE id; '' without one. */
  serve(socket: Socket, principal: string): void {
    if (this.draining) {
      socket.destroy();
      return;
    }
    this.#shared.connections++;
    const isTls = socket instanceof TLSSocket && this.scope.direction === 'gateway';
    const connection = new Http1Downstream(socket, this, isTls ? 'https' : 'http', principal);
    this.#connections.set(connection, this.#shared.onConnection(socket, this.scope));
  }

  tick(nowMs: number): void {
    for (const connection of this.#connections.keys()) connection.tick(nowMs);
  }

  /** Takes no more connections; resolves when the last has ended, at the latest after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.keys()) connection.drain();
    const timer = setTimeout(() => {
      for (const connection of this.#connections.keys()) connection.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  switchToHttp2(connection: Http1Downstream, socket: Socket): void {
    const ended = this.#connections.get(connection)!;
    this.#connections.delete(connection);
    const { scheme, remote, remoteAddress, local, peer, serverName } = connection;
    const facts = { scheme, remote, remoteAddress, local, peer, serverName };
    this.#connections.set(new Http2Downstream(socket, this, facts), ended);
  }

  onClosed(connection: Connection): void {
    const ended = this.#connections.get(connection);
    if (ended === undefined) return;
    this.#connections.delete(connection);
    this.#shared.connections--;
    ended();
  }

  peerOf(remote: string, principal: string): Peer | undefined {
    return this.#shared.peerOf(remote, principal);
  }

  openTunnel(socket: Socket, head: RequestHead, rest: Buffer): boolean {
    return this.#shared.openTunnel(this.scope, socket, head, rest);
  }

  #accept(socket: Socket): void {
    const shared = this.#shared;
    if (shared.connections >= shared.limits.maxConnections) {
      shared.refused++;
      socket.destroy();
      return;
    }
    if (this.connector === undefined) this.serve(socket, '');
    else this.connector.accept(socket);
  }
}

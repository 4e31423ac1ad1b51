// A listening address whose connections speak HTTP.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Scope } from '../exchange/scope.ts';
import { clientCertificate } from '../identity/client-certificate.ts';
import type { Peer } from '../request-record.ts';
import type { OpenTunnel } from '../tcp/tunnel.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { Http2Downstream, type Http2Host } from '../http2/http2-downstream.ts';
import { Http1Downstream } from './http1-downstream.ts';
import type { Http1Host } from './http1-host.ts';

/** What listeners of one data plane share. */
export interface ListenerShared {
  readonly limits: ConnectionLimits;
  /** Open client connections of all listeners, whatever they carry. */
  connections: number;
  /** Listeners that are open. */
  listeners: number;
  /** Connections refused because there were too many. */
  refused: number;
  /** Whose connection this is, when both of its ends are in this process. */
  peerOf(remote: string, principal: string): Peer | undefined;
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
  #isOpen = false;
  readonly #shared: ListenerShared;
  /** What is done with a connection first; it is plain HTTP when undefined. */
  connector: Connector | undefined = undefined;
  /** What `CONNECT` asks for; refused when undefined. */
  openTunnel: OpenTunnel | undefined = undefined;
  readonly #server: Server;
  /** With what is told of their end. */
  readonly #connections = new Map<Connection, () => void>();
  /** As accepted: those that are looked at, those in a handshake and those that carry bytes too. */
  readonly #sockets = new Set<Socket>();

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
        this.#shared.listeners++;
        this.#isOpen = true;
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
    const isTls = socket instanceof TLSSocket && this.scope.direction === 'gateway';
    const connection = new Http1Downstream(socket, this, {
      scheme: isTls ? 'https' : 'http',
      principal,
      certificate: clientCertificate(socket, this.scope.direction === 'gateway'),
    });
    this.#connections.set(connection, this.#shared.onConnection(socket, this.scope));
  }

  tick(nowMs: number): void {
    for (const connection of this.#connections.keys()) connection.tick(nowMs);
  }

  /** Takes no more connections; resolves when the last has ended, at the latest after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#isOpen) this.#shared.listeners--;
    this.#isOpen = false;
    this.draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.keys()) connection.drain();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  switchToHttp2(connection: Http1Downstream, socket: Socket): void {
    const ended = this.#connections.get(connection)!;
    this.#connections.delete(connection);
    const { scheme, remote, remoteAddress, local, certificate, peer, serverName } = connection;
    const facts = { scheme, remote, remoteAddress, local, certificate, peer, serverName };
    this.#connections.set(new Http2Downstream(socket, this, facts), ended);
  }

  onClosed(connection: Connection): void {
    const ended = this.#connections.get(connection);
    this.#connections.delete(connection);
    ended?.();
  }

  peerOf(remote: string, principal: string): Peer | undefined {
    return this.#shared.peerOf(remote, principal);
  }

  #accept(socket: Socket): void {
    const shared = this.#shared;
    if (!this.#hasRoom()) {
      shared.refused++;
      socket.destroy();
      return;
    }
    shared.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // its close says enough
    socket.once('close', () => {
      shared.connections--;
      this.#sockets.delete(socket);
    });
    if (this.connector === undefined) this.serve(socket, '');
    else this.connector.accept(socket);
  }

  /** A crowd at one listener leaves room for the others. */
  #hasRoom(): boolean {
    const { limits, connections, listeners } = this.#shared;
    const { maxConnections } = limits;
    if (connections < maxConnections * (1 - KEPT_FOR_OTHERS)) return true;
    if (connections >= maxConnections) return false;
    const share = Math.max(1, Math.floor((maxConnections * KEPT_FOR_OTHERS) / listeners));
    return this.#sockets.size < share;
  }
}

/** Of the connections that there may be. */
const KEPT_FOR_OTHERS = 0.25;

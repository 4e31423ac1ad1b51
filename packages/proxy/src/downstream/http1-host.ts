// What a client's connection with HTTP/1.1 and its listener know of each other.

import type { Socket } from 'node:net';
import type { Scope } from '../exchange/scope.ts';
import type { Peer } from '../request-record.ts';
import type { OpenTunnel } from '../tcp/tunnel.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { Http1Downstream } from './http1-downstream.ts';

/** What a connection needs of its listener. */
export interface Http1Host {
  /** In force now; a request keeps the one it began with. */
  readonly scope: Scope;
  readonly limits: ConnectionLimits;
  /** Whether clients are asked to close, because the listener ends. */
  readonly draining: boolean;
  onClosed(connection: Http1Downstream): void;
  /** The client speaks HTTP/2 without having asked: the socket is given back, unread. */
  switchToHttp2(connection: Http1Downstream, socket: Socket): void;
  /** Whose connection this is, when both of its ends are in this process. */
  peerOf(remote: string, principal: string): Peer | undefined;
  /** `CONNECT` at a forward proxy; undefined elsewhere. */
  readonly openTunnel: OpenTunnel | undefined;
}

/** What is known of a client before it says anything. */
export interface ClientFacts {
  readonly scheme: 'http' | 'https';
  /** Its SPIFFE id; '' without one. */
  readonly principal: string;
  /** See `DownstreamStream`. */
  readonly certificate: string;
}

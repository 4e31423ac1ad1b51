// A connection to an endpoint that carries many requests at a time.

import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { UpstreamHandler } from '../exchange/streams.ts';
import { Http2Call, type CallOwner } from './http2-call.ts';
import { SESSION_OPTIONS } from './session-options.ts';

export interface Http2Owner {
  /** A stream ended: there may be room for a request that waits. */
  onRoom(connection: Http2Upstream): void;
  onSessionClosed(connection: Http2Upstream): void;
}

/** For settings that a peer has not sent. */
const SETTINGS_MS = 5000;

export class Http2Upstream implements CallOwner {
  readonly local: string;
  served = 0;
  active = 0;
  idleSinceMs = 0;
  readonly #session: ClientHttp2Session;
  readonly #owner: Http2Owner;
  #settled = false;

  /** Takes a socket that is connected. */
  constructor(socket: Socket, owner: Http2Owner) {
    this.#owner = owner;
    this.local = `${socket.localAddress}:${socket.localPort}`;
    const session = connect('http://upstream', {
      ...SESSION_OPTIONS,
      createConnection: () => socket,
    });
    this.#session = session;
    session.on('error', () => {});
    session.on('close', () => owner.onSessionClosed(this));
    session.on('goaway', () => session.close());
    session.once('remoteSettings', () => (this.#settled = true));
  }

  /** Whether another request may begin here. */
  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    return !closed && !destroyed && this.active < (remoteSettings.maxConcurrentStreams ?? 100);
  }

  begin(handler: UpstreamHandler): void {
    this.active++;
    const reused = this.served++ > 0;
    handler.onUpstreamReady(new Http2Call(this.#session, this, handler, reused));
  }

  /** Of the calls, when they are over. */
  release(): void {
    this.active--;
    this.#owner.onRoom(this);
  }

  whenSettled(act: (takesConnect: boolean | undefined) => void): void {
    const session = this.#session;
    const tell = () =>
      act(this.#settled ? session.remoteSettings?.enableConnectProtocol === true : undefined);
    if (this.#settled || session.destroyed) return tell();
    let told = false;
    const once = () => {
      if (told) return;
      told = true;
      clearTimeout(timer);
      tell();
    };
    const timer = setTimeout(once, SETTINGS_MS);
    session.once('remoteSettings', once);
    session.once('close', once);
  }

  get sessionOver(): boolean {
    return this.#session.destroyed;
  }

  /** Requests under way come to their end. */
  drain(): void {
    this.#session.close();
  }

  close(): void {
    this.#session.destroy();
  }
}

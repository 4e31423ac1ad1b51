// A connection to an endpoint that carries many requests at a time.

import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { UpstreamHandler } from '../exchange/streams.ts';
import { Http2Call, type CallOwner, type OnSettled } from './http2-call.ts';
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
  /** Calls that want to know what the peer takes. */
  readonly #waiting = new Set<OnSettled>();
  #settingsTimer: NodeJS.Timeout | undefined = undefined;

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
    session.on('close', () => {
      owner.onSessionClosed(this);
      this.#tellWaiting();
    });
    session.on('goaway', () => session.close());
    session.once('remoteSettings', () => {
      this.#settled = true;
      this.#tellWaiting();
    });
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

  whenSettled(act: OnSettled): () => void {
    if (this.#settled || this.#session.destroyed) {
      act(this.#takesConnect);
      return () => {};
    }
    this.#waiting.add(act);
    this.#settingsTimer ??= setTimeout(() => this.#tellWaiting(), SETTINGS_MS);
    return () => {
      if (this.#waiting.delete(act) && this.#waiting.size === 0) this.#stopTimer();
    };
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

  get #takesConnect(): boolean | undefined {
    if (!this.#settled) return undefined;
    return this.#session.remoteSettings?.enableConnectProtocol === true;
  }

  #tellWaiting(): void {
    this.#stopTimer();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const act of waiting) act(this.#takesConnect);
  }

  #stopTimer(): void {
    clearTimeout(this.#settingsTimer);
    this.#settingsTimer = undefined;
  }
}

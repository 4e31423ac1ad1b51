// What a peer's settings are waited for, by calls that want to know whether it takes web sockets.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestHead } from '../src/codec/head.ts';
import type { UpstreamFailure, UpstreamHandler, UpstreamStream } from '../src/exchange/streams.ts';
import { Http2Upstream } from '../src/http2/http2-upstream.ts';
import { startMesh, type Mesh } from './support/mesh.ts';
import { frame, FRAME, NONE } from './support/raw-http2.ts';

/** SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3). */
const TAKES_CONNECT = Buffer.from([0, 8, 0, 0, 0, 1]);
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** More than Node lets listen to one event without a warning. */
const MANY = 15;

let mesh: Mesh;
let upstream: Http2Upstream;
/** The peer's end, which says nothing by itself. */
let peer: Socket;
const warnings: Error[] = [];
const onWarning = (warning: Error) => warnings.push(warning);

beforeEach(async () => {
  mesh = await startMesh();
  const accepted = new Promise<Socket>((resolve) => {
    void mesh
      .tcp((one) => {
        one.resume();
        resolve(one);
      })
      .then((port) => {
        socket = connect({ port, host: '127.0.0.1' });
        return undefined;
      });
  });
  let socket!: Socket;
  peer = await accepted;
  if (socket.connecting) await once(socket, 'connect');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  upstream = new Http2Upstream(socket, { onRoom() {}, onSessionClosed() {} });
  process.on('warning', onWarning);
});
afterEach(async () => {
  process.off('warning', onWarning);
  warnings.length = 0;
  vi.useRealTimers();
  upstream.close();
  await mesh.close();
});

/** A call that wants a web socket. */
function ask() {
  const asked = {
    stream: undefined as UpstreamStream | undefined,
    failure: undefined as UpstreamFailure | undefined,
  };
  const handler: UpstreamHandler = {
    onUpstreamReady(stream) {
      asked.stream = stream;
      stream.send(
        {
          method: 'GET',
          path: '/chat',
          scheme: 'http',
          authority: 'web',
          headers: new RequestHead().headers,
          bodyLength: 0,
          upgrade: 'websocket',
          takesTrailers: false,
        },
        undefined,
        false,
      );
    },
    onResponseHead() {},
    onResponseChunk() {},
    onResponseEnd() {},
    onUpstreamDrain() {},
    onUpstreamFailure: (failure) => (asked.failure = failure),
  };
  upstream.begin(handler);
  return asked;
}

/** Requests among what a client sent. */
function headsIn(bytes: Buffer): number {
  let heads = 0;
  for (let at = PREFACE.length; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    if (bytes[at + 3] === FRAME.headers) heads++;
  return heads;
}

const all = (asked: readonly ReturnType<typeof ask>[], reason: string) =>
  asked.every(({ failure }) => failure?.reason === reason);

describe('the settings of a peer', () => {
  it('are waited for by many calls with one timer and no warning', async () => {
    const asked = Array.from({ length: MANY }, ask);
    expect(vi.getTimerCount()).toBe(1);
    vi.useRealTimers();
    peer.write(frame(FRAME.settings, 0, 0, NONE));
    await waitFor('the refusals', () => all(asked, 'unsendable'));
    expect(warnings).toEqual([]);
    expect(upstream.active).toBe(0);
  });

  it('let the calls go out, but not one that was given up', async () => {
    const [first, second] = [ask(), ask()];
    let bytes = Buffer.alloc(0);
    peer.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
    first.stream!.cancel();
    vi.useRealTimers();
    peer.write(frame(FRAME.settings, 0, 0, TAKES_CONNECT));
    await waitFor('the request', () => headsIn(bytes) === 1);
    expect([first.failure, second.failure, upstream.active]).toEqual([undefined, undefined, 1]);
  });

  it('are waited for no longer when all calls were given up', () => {
    const asked = [ask(), ask()];
    for (const one of asked) one.stream!.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(upstream.active).toBe(0);
  });

  it('that never come are a failure of the peer', async () => {
    const asked = [ask(), ask()];
    vi.advanceTimersByTime(5000);
    vi.useRealTimers();
    await waitFor('the failures', () => asked.every(({ failure }) => failure !== undefined));
    expect(asked.map(({ failure }) => failure!.detail)).toEqual(['no settings', 'no settings']);
    expect(all(asked, 'protocol')).toBe(true);
  });

  it('come no more when the connection ends', async () => {
    const asked = [ask(), ask()];
    peer.destroy();
    await vi.waitFor(() => expect(all(asked, 'reset')).toBe(true));
    expect(vi.getTimerCount()).toBe(0);
  });
});

// Peers with HTTP/2 that misbehave, and what HTTP/1 can say that HTTP/2 cannot: each stream has its
// end, and none ends the process.

import { once } from 'node:events';
import http2, { connect, type ClientHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { bugCount } from '../src/bug.ts';
import { service, startMesh, type Mesh } from './support/mesh.ts';
import {
  block,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  NONE,
  rawHttp2,
  reset,
  type RawHttp2,
} from './support/raw-http2.ts';

let mesh: Mesh;
let bugs: number;
const opened: { destroy(): void }[] = [];
const servers: http2.Http2Server[] = [];
beforeEach(async () => {
  bugs = bugCount();
  mesh = await startMesh({
    limits: {
      streamIdleTimeoutMs: 1000,
      firstRequestTimeoutMs: 1500,
      connectionIdleTimeoutMs: 1500,
      delayedCloseTimeoutMs: 200,
    },
  });
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.destroy();
  await mesh.close();
  for (const one of servers.splice(0)) one.close();
  if (bugCount() !== bugs) throw new Error('a mistake of the proxy’s own was told');
});

const raw = (settings: Buffer = NONE): RawHttp2 => {
  const client = rawHttp2(mesh.port('outbound'), settings);
  opened.push(client.socket);
  return client;
};

function session(settings?: http2.Settings): ClientHttp2Session {
  const { address, port } = mesh.port('outbound');
  const made = connect(`http://${address}:${port}`, settings && { settings });
  made.on('error', () => {});
  opened.push(made);
  return made;
}

const GET = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'web'],
] as const;
const request = (headers: readonly (readonly [string, string])[], stream = 1, flags = END_STREAM) =>
  frame(FRAME.headers, END_HEADERS | flags, stream, block(headers));

/** Whether the others are still served. */
const isWell = async () =>
  (await mesh.client().request('GET', '/none', { host: 'nobody' })).status === 503;

/** The whole answer of one request over HTTP/2: its status, or how its stream ended. */
async function ask(path: string): Promise<{ status: number; headers: object; trailers: object }> {
  const stream = session().request({ ':path': path, ':authority': 'web' });
  let status = 0;
  let headers = {};
  let trailers = {};
  stream.on('error', () => {});
  stream.on('response', (got) => {
    status = got[':status'] ?? 0;
    headers = got;
  });
  stream.on('trailers', (got) => (trailers = Object.fromEntries(Object.entries(got))));
  stream.resume();
  await once(stream, 'close');
  return { status, headers, trailers };
}

describe('a client that resets its stream with its first packet', () => {
  it.each([
    [
      'a CONNECT',
      [
        [':method', 'CONNECT'],
        [':authority', 'web'],
      ],
      END_STREAM,
    ],
    ['a path with a fragment', [...GET.slice(0, 2), [':path', '/#a'], GET[3]], END_STREAM],
    [
      'a wish to be told to go on',
      [[':method', 'POST'], ...GET.slice(1), ['expect', '100-continue']],
      0,
    ],
    ['a request', GET, END_STREAM],
  ] as [string, [string, string][], number][])('%s is forgotten', async (_, headers, flags) => {
    await mesh.apply(service('web', 1));
    for (let i = 0; i < 3; i++) {
      raw().write(request(headers, 1, flags), reset(1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await isWell()).toBe(true);
  });
});

describe('a request over HTTP/1 to a server with HTTP/2', () => {
  it.each([
    ['Authorization: a\r\nAuthorization: b', { authorization: 'a,b' }],
    ['Referer: a\r\nReferer: b', { referer: 'a,b' }],
    ['If-None-Match: "a"\r\nIf-None-Match: "b"', { 'if-none-match': '"a","b"' }],
    ['HTTP2-Settings: AAMA', {}],
    ['TE: gzip', {}],
    ['constructor: x\r\nconstructor: y', { constructor: 'x, y' }],
    ['__proto__: x', { ['__proto__']: 'x' }],
    ['X-A: 1\r\nX-A: 2', { 'x-a': '1, 2' }],
  ])('arrives with %j', async (lines, expected) => {
    const server = http2.createServer();
    servers.push(server);
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(JSON.stringify(headers));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    await mesh.apply(service('web', port).replaceAll('protocol: HTTP }', 'protocol: HTTP2 }'));
    const answer = await mesh.client().send(`GET / HTTP/1.1\r\nHost: web\r\n${lines}\r\n\r\n`);
    expect(answer.status).toBe(200);
    const seen = JSON.parse(answer.body) as Record<string, string>;
    for (const [name, value] of Object.entries(expected))
      expect(Object.getOwnPropertyDescriptor(seen, name)?.value).toBe(value);
    for (const name of ['te', 'http2-settings', 'connection'])
      expect(seen).not.toHaveProperty(name);
  });
});

describe('a server with HTTP/1 whose answer HTTP/2 cannot carry as it is', () => {
  const answerOf: Record<string, string> = {
    '/age': 'HTTP/1.1 200 OK\r\nAge: 1\r\nAge: 2\r\nContent-Length: 0\r\n\r\n',
    '/te': 'HTTP/1.1 200 OK\r\nTE: gzip\r\nContent-Length: 0\r\n\r\n',
    '/settings': 'HTTP/1.1 200 OK\r\nHTTP2-Settings: abc\r\nContent-Length: 0\r\n\r\n',
    '/trailer':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nhttp2-settings: x\r\nconnection: close\r\nx-sum: 7\r\n\r\n',
    '/205': 'HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nabc',
    '/999': 'HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\nno',
  };
  it.each([
    ['/age', 200],
    ['/te', 200],
    ['/settings', 200],
    ['/trailer', 200],
    ['/205', 205],
    ['/999', 502],
  ])('%s gives %d', async (path, status) => {
    const port = await mesh.tcp((socket: Socket) =>
      socket.on('data', (head: Buffer) => socket.write(answerOf[head.toString().split(' ')[1]!]!)),
    );
    await mesh.apply(service('web', port));
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    if (path === '/age') expect(answer.headers).toMatchObject({ age: '1,2' });
    if (path === '/trailer') expect(answer.trailers).toEqual({ 'x-sum': '7' });
  });
});

describe('an answer without a body from a server with HTTP/2', () => {
  it.each([
    ['GET', 0x89, 'HTTP/1.1 204 No Content'],
    ['HEAD', 0x88, 'HTTP/1.1 200 OK'],
  ])(
    'to %s ends with its head, though an empty frame ends it there',
    async (method, status, line) => {
      const port = await mesh.tcp((socket) => {
        let hello = false;
        socket.on('data', (bytes: Buffer) => {
          if (!hello) {
            socket.write(
              Buffer.concat([frame(FRAME.settings, 0, 0, NONE), frame(FRAME.settings, 1, 0, NONE)]),
            );
            hello = true;
          }
          if (!bytes.includes('web')) return;
          socket.write(frame(FRAME.headers, END_HEADERS, 1, Buffer.from([status])));
          setTimeout(() => socket.write(frame(FRAME.data, END_STREAM, 1, NONE)), 50);
        });
      });
      await mesh.apply(service('web', port).replaceAll('protocol: HTTP }', 'protocol: HTTP2 }'));
      const { address, port: own } = mesh.port('outbound');
      const { connect: dial } = await import('node:net');
      const socket = dial(own, address);
      opened.push(socket);
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.write(`${method} / HTTP/1.1\r\nHost: web\r\n\r\n`);
      await waitFor('the head', () => text.includes('\r\n\r\n'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(text.startsWith(line)).toBe(true);
      expect(text.endsWith('\r\n\r\n')).toBe(true);
      expect(text.indexOf('\r\n\r\n')).toBe(text.length - 4);
      expect(text).not.toContain('chunked');
    },
  );
});

describe('a client with HTTP/2 that', () => {
  const settings = (id: number, value: number) => {
    const payload = Buffer.alloc(6);
    payload.writeUInt16BE(id, 0);
    payload.writeUInt32BE(value, 2);
    return payload;
  };

  it('opens no window does not keep its answers, whatever it pings', async () => {
    const body = Buffer.alloc(60_000, 'x');
    await mesh.apply(service('web', await mesh.http((_, response) => response.end(body))));
    const client = raw(settings(4, 0));
    for (let i = 0; i < 300; i++) client.write(request(GET, 2 * i + 1));
    const pings = setInterval(() => client.write(frame(FRAME.ping, 0, 0, Buffer.alloc(8))), 200);
    await waitFor('all streams to be closed', () => {
      const closed = client.frames.filter((one) => one.type === FRAME.rstStream);
      return closed.length === 300;
    });
    clearInterval(pings);
    expect(mesh.records.length).toBe(300);
    expect((await mesh.plane.statistics()).clusters).toMatchObject([{ requests: 0 }]);
  });

  it('asks for nothing is closed, whatever it pings', async () => {
    await mesh.apply(service('web', 1));
    const client = raw();
    const pings = setInterval(() => client.write(frame(FRAME.ping, 0, 0, Buffer.alloc(8))), 200);
    await waitFor('the end', () => client.closed);
    clearInterval(pings);
    expect(mesh.records).toEqual([]);
  });

  it('begins and resets streams without end is cut off', async () => {
    await mesh.apply(service('web', await mesh.http((request) => request.resume())));
    const client = raw();
    for (let i = 0; i < 5000 && !client.closed; i++) {
      client.write(request(GET, 2 * i + 1), reset(2 * i + 1));
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the end', () => client.closed);
    expect(await isWell()).toBe(true);
  });

  it.each([
    ['pings', () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ['changes its settings', () => frame(FRAME.settings, 0, 0, settings(3, 100))],
  ])('%s without reading is cut off', async (_, one) => {
    await mesh.apply(service('web', 1));
    const client = raw();
    client.socket.pause();
    const many = Buffer.concat(Array.from({ length: 5000 }, one));
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 200 && !client.closed; i++) {
      client.write(many);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
    client.socket.destroy();
    expect(await isWell()).toBe(true);
  });

  it('goes on with a head without end is cut off', async () => {
    await mesh.apply(service('web', 1));
    const client = raw();
    client.write(frame(FRAME.headers, 0, 1, block(GET)));
    for (let i = 0; i < 5000 && !client.closed; i++) {
      client.write(frame(FRAME.continuation, 0, 1, block([[`x-${i}`, 'y'.repeat(100)]])));
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the end', () => client.closed);
    expect(await isWell()).toBe(true);
  });

  it.each([
    ['transfer-encoding', [['transfer-encoding', 'chunked']]],
    ['a length beside what comes', [['content-length', '5']]],
    [
      'two lengths',
      [
        ['content-length', '1'],
        ['content-length', '2'],
      ],
    ],
    ['a connection header', [['connection', 'x-a']]],
    ['a line end in a value', [['x-a', 'b\r\nx-evil: 1']]],
    ['a name in capitals', [['X-A', 'b']]],
    ['a colon in a name', [['x:a', 'b']]],
    ['a pseudo-header of its own', [[':evil', 'b']]],
  ] as [string, [string, string][]][])('smuggles by %s gets nothing through', async (_, more) => {
    let seen = '';
    const port = await mesh.tcp((socket) =>
      socket.on('data', (bytes: Buffer) => {
        seen += bytes.toString('latin1');
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    await mesh.apply(service('web', port));
    const client = raw();
    client.write(
      request([[':method', 'POST'], ...GET.slice(1), ...more], 1, 0),
      frame(FRAME.data, END_STREAM, 1, Buffer.from('x')),
    );
    await waitFor('an end', () => client.closed || client.frames.some((one) => one.stream === 1));
    expect(seen).not.toMatch(/x-evil|X-A|transfer-encoding: chunked\r\ntransfer|x:a|:evil/);
    expect(seen.split('HTTP/1.1').length).toBeLessThanOrEqual(2);
    expect(await isWell()).toBe(true);
  });

  it.each(['http://evil/', 'evil', '/a b', '/%00', '/\u00e9', '*x'])(
    'asks for %j is refused',
    async (path) => {
      await mesh.apply(service('web', await mesh.http((_, response) => response.end('no'))));
      const client = raw();
      client.write(request([...GET.slice(0, 2), [':path', path], GET[3]]));
      await waitFor('an end', () => client.closed || client.frames.some((one) => one.stream === 1));
      expect(mesh.records).toEqual([]);
    },
  );
});

// Servers and clients that misbehave: each gets a defined answer, and nothing is left behind.

import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';
import { parseAnswer } from './support/raw-client.ts';

let mesh: Mesh;
beforeEach(async () => {
  mesh = await startMesh({
    limits: {
      requestHeadTimeoutMs: 200,
      streamIdleTimeoutMs: 1500,
      firstRequestTimeoutMs: 2500,
      discardTimeoutMs: 300,
      maxConnections: 20,
    },
  });
});
afterEach(async () => {
  await mesh.close();
});

const get = (path = '/', headers: Record<string, string> = {}) =>
  mesh.client().request('GET', path, { host: 'web', ...headers });

const dial = async (): Promise<Socket> => {
  const { address, port } = mesh.port('outbound');
  const socket = connect(port, address);
  await once(socket, 'connect');
  return socket;
};

/** Everything that comes until the other side ends. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const last = () => mesh.records.at(-1)!;

const POST = 'POST / HTTP/1.1\r\nHost: web\r\n';
const CHUNKS = `${POST}Transfer-Encoding: chunked\r\n`;

describe('an upstream that', () => {
  it('refuses connections gives 503 UF', async () => {
    await mesh.apply(
      service('web', 1) +
        rules('web', '- retries: { attempts: 0 }\n  route: [{ destination: { host: web } }]'),
    );
    const answer = await get();
    expect(answer).toMatchObject({ status: 503, headers: { 'content-type': 'text/plain' } });
    expect(answer.body).toBe(
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
    );
    expect(last()).toMatchObject({ responseFlags: 'UF', attempts: 1 });
  });

  it('refuses every retry says so', async () => {
    await mesh.apply(service('web', 1));
    expect((await get()).body).toContain(
      '. retried and the latest reset reason: remote connection failure',
    );
    expect(last()).toMatchObject({ responseFlags: 'UF,URX', attempts: 3 });
  });

  it.each([
    ['closes without an answer', (socket: Socket) => void socket.once('data', () => socket.end())],
    ['resets', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy())],
    [
      'ends within the head',
      (socket: Socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX-A: b')),
    ],
  ])('%s gives 503 UC', async (_, act) => {
    await mesh.apply(service('web', await mesh.tcp(act)));
    const answer = await get();
    expect(answer).toMatchObject({
      status: 503,
      body: 'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
    });
    expect(last()).toMatchObject({ responseFlags: 'UC' });
  });

  it.each([
    'SSH-2.0-OpenSSH_9.2p1\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 1\n\na',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(101)}\r\n`,
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`,
  ])('answers with garbage (%#) gives 502 UPE', async (text) => {
    await mesh.apply(
      service(
        'web',
        await mesh.tcp((socket) => void socket.once('data', () => socket.write(text))),
      ),
    );
    expect(await get()).toMatchObject({
      status: 502,
      body: 'upstream connect error or disconnect/reset before headers. reset reason: protocol error',
    });
    expect(last()).toMatchObject({ responseFlags: 'UPE' });
  });

  it.each([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('ends in the middle of a body %s cuts the client off', async (_, text) => {
    await mesh.apply(
      service('web', await mesh.tcp((socket) => void socket.once('data', () => socket.end(text)))),
    );
    const socket = await dial();
    socket.write('GET / HTTP/1.1\r\nHost: web\r\n\r\n');
    const answer = await readAll(socket);
    expect(answer).toContain('half');
    expect(answer.endsWith('0\r\n\r\n')).toBe(false);
    expect(last()).toMatchObject({ status: 200, responseFlags: 'UC' });
  });

  it('ends its connection to end the body is read to that end', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.tcp(
          (socket) =>
            void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')),
        ),
      ),
    );
    expect(await get()).toMatchObject({
      status: 200,
      body: 'all of it',
      headers: { 'transfer-encoding': 'chunked' },
    });
  });

  it('closes a kept connection as a request comes is asked again', async () => {
    let connections = 0;
    const port = await mesh.tcp((socket) => {
      connections++;
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        socket.once('data', () => socket.destroy());
      });
    });
    await mesh.apply(service('web', port));
    const client = mesh.client();
    const answers = [
      await client.request('GET', '/', { host: 'web' }),
      await client.request('GET', '/', { host: 'web' }),
    ];
    expect(answers.map((one) => one.status)).toEqual([200, 200]);
    expect(connections).toBe(2);
  });

  it('says nothing for too long gives 504', async () => {
    await mesh.apply(service('web', await mesh.tcp(() => {})));
    expect(await get()).toMatchObject({ status: 504, body: 'stream timeout' });
    expect(last()).toMatchObject({ responseFlags: 'SI' });
  });
});

describe('a client that', () => {
  it.each([
    [
      'smuggles by two lengths',
      'POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'smuggles by length and chunks',
      'POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['smuggles by two codings', `${CHUNKS}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 501],
    ['smuggles by a coding that is none', `${POST}Transfer-Encoding: identity\r\n\r\n`, 501],
    ['smuggles by another coding', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
    [
      'smuggles by one coding twice',
      `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
      501,
    ],
    ['smuggles by a quoted coding', `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`, 501],
    ['puts a space before a colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['folds a line', `${POST}X: a\r\n Content-Length: 3\r\n\r\nabc`, 400],
    ['puts a bare CR into a value', `${POST}X: a\rTransfer-Encoding: chunked\r\n\r\n`, 400],
    ['puts a NUL into a value', `${POST}X: a\0b\r\n\r\n`, 400],
    ['signs its length', `${POST}Content-Length: +3\r\n\r\nabc`, 400],
    ['lists its length', `${POST}Content-Length: 3, 3\r\n\r\nabc`, 400],
    ['says the same length twice', `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, 400],
    ['writes its length in another base', `${POST}Content-Length: 0x3\r\n\r\nabc`, 400],
    ['has a length beyond counting', `${POST}Content-Length: 99999999999999999999\r\n\r\n`, 400],
    ['has a chunk beyond counting', `${CHUNKS}\r\nFFFFFFFFFFFFFFFFF\r\na`, 400],
    ['has a negative chunk', `${CHUNKS}\r\n-1\r\na`, 400],
    ['writes a chunk size with its base', `${CHUNKS}\r\n0x1\r\na\r\n0\r\n\r\n`, 400],
    ['ends a chunk size with LF alone', `${CHUNKS}\r\n1\na\r\n0\r\n\r\n`, 400],
    ['breaks a line in a chunk extension', `${CHUNKS}\r\n1;a="\n"\r\na\r\n0\r\n\r\n`, 400],
    ['sends more than its chunk', `${CHUNKS}\r\n1\r\nabc\r\n0\r\n\r\n`, 400],
    ['has two hosts', 'GET / HTTP/1.1\r\nHost: web\r\nHost: other\r\n\r\n', 400],
    ['has a NUL in its path', 'GET /a%00/.. HTTP/1.1\r\nHost: web\r\n\r\n', 400],
    ['has raw bytes in its path', 'GET /\u00c3\u00a9 HTTP/1.1\r\nHost: web\r\n\r\n', 400],
    ['has a fragment', 'GET /a#b HTTP/1.1\r\nHost: web\r\n\r\n', 400],
    ['has a space in its host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['has a path in its host', 'GET / HTTP/1.1\r\nHost: web/x\r\n\r\n', 400],
    ['has a fragment in its host', 'GET / HTTP/1.1\r\nHost: web#\r\n\r\n', 400],
    ['quotes its host', 'GET / HTTP/1.1\r\nHost: "web"\r\n\r\n', 400],
    ['lists hosts', 'GET / HTTP/1.1\r\nHost: web, evil\r\n\r\n', 400],
    ['has a tab in its host', 'GET / HTTP/1.1\r\nHost: we\tb\r\n\r\n', 400],
    ['has an odd host in absolute form', 'GET http://a"b/ HTTP/1.1\r\nHost: web\r\n\r\n', 400],
    ['ends lines with a line feed alone', 'GET / HTTP/1.1\nHost: web\n\n', 400],
    ['sends too many headers', `GET / HTTP/1.1\r\nHost: web\r\n${'x: y\r\n'.repeat(101)}\r\n`, 431],
    [
      'sends headers that are too large',
      `GET / HTTP/1.1\r\nHost: web\r\nx: ${'y'.repeat(61_500)}\r\n\r\n`,
      431,
    ],
    ['names no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['speaks HTTP/1.0', 'GET / HTTP/1.0\r\nHost: web\r\n\r\n', 426],
    [
      'asks for another upgrade',
      'GET / HTTP/1.1\r\nHost: web\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n',
      403,
    ],
    [
      'sends chunks that are none',
      'POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      400,
    ],
  ])('%s is refused and cut off', async (_, text, status) => {
    await mesh.apply(service('web', await mesh.http((request) => request.resume())));
    const socket = await dial();
    socket.write(text, 'latin1');
    const answer = parseAnswer(Buffer.from(await readAll(socket), 'latin1'), 'GET', true);
    expect(answer).toMatchObject({ status, headers: { connection: 'close' } });
  });

  it('takes too long for its headers gets 408', async () => {
    await mesh.apply(service('web', 1));
    const socket = await dial();
    socket.write('GET / HTTP/1.1\r\nHo');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 [^]*request header timeout$/);
  });

  it('takes too long for its body gets 408', async () => {
    await mesh.apply(service('web', await mesh.http((request) => request.resume())));
    const socket = await dial();
    socket.write('POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 10\r\n\r\nabc');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 [^]*stream timeout$/);
    expect(last()).toMatchObject({ responseFlags: 'SI' });
  });

  it('goes away takes its request with it', async () => {
    let ended = false;
    await mesh.apply(
      service(
        'web',
        await mesh.tcp((socket) => {
          socket.on('data', () => {});
          socket.on('close', () => (ended = true));
        }),
      ),
    );
    const socket = await dial();
    socket.write('GET / HTTP/1.1\r\nHost: web\r\n\r\n');
    await waitFor('the request', async () =>
      (await mesh.plane.statistics()).clusters.some(
        (one) => one.requests === 1 && one.connections === 1,
      ),
    );
    socket.destroy();
    await waitFor('the upstream to be told', () => ended);
    expect(last()).toMatchObject({
      status: 0,
      responseFlags: 'DC',
      responseCodeDetails: 'downstream_remote_disconnect',
    });
    const { clusters } = await mesh.plane.statistics();
    expect(clusters).toMatchObject([{ requests: 0, pending: 0 }]);
  });

  it('is one too many is closed at once', async () => {
    await mesh.apply(service('web', 1));
    const many = await Promise.all(Array.from({ length: 15 }, dial));
    await waitFor('all of them', async () => (await mesh.plane.statistics()).connections === 15);
    const { address, port } = mesh.port('outbound');
    const extra = connect(port, address);
    await once(extra, 'close');
    expect((await mesh.plane.statistics()).refusedConnections).toBe(1);
    for (const one of many) one.destroy();
    await waitFor('none', async () => (await mesh.plane.statistics()).connections === 0);
  });

  it('is one of a silent crowd elsewhere leaves room for others', async () => {
    await mesh.apply(
      `${service('web', await mesh.http((_, response) => response.end('ok')))}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
`,
    );
    const { address, port } = mesh.port('gateway');
    const crowd = Array.from({ length: 20 }, () => connect(port, address).on('error', () => {}));
    await waitFor('some to be refused', async () => {
      const { connections, refusedConnections } = await mesh.plane.statistics();
      return connections + refusedConnections === 20;
    });
    expect(await get()).toMatchObject({ status: 200, body: 'ok' });
    for (const one of crowd) one.destroy();
  });

  it('says nothing at all is closed after a while', async () => {
    await mesh.apply(service('web', 1));
    const socket = await dial();
    expect(await readAll(socket)).toBe('');
    await waitFor(
      'it to be forgotten',
      async () => (await mesh.plane.statistics()).connections === 0,
    );
  });

  it('sends requests and never reads is not read any more', async () => {
    await mesh.apply(
      service('web', 1) +
        rules('web', `- directResponse: { status: 200, body: { string: ${'x'.repeat(4000)} } }`),
    );
    const socket = await dial();
    socket.pause();
    const many = Buffer.from(
      `GET / HTTP/1.1\r\nHost: web\r\nX: ${'x'.repeat(500)}\r\n\r\n`.repeat(50_000),
    );
    let flushed = false;
    socket.write(many, () => (flushed = true));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(flushed).toBe(false);
    // What the sockets of both sides hold, and no more: 200 MB were asked for.
    expect(mesh.records.length).toBeLessThan(5000);
    socket.destroy();
  });

  it('reads late gets all answers in order', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => response.end(request.url + 'y'.repeat(3000))),
      ),
    );
    const socket = await dial();
    socket.pause();
    const count = 4000;
    socket.write(
      Array.from(
        { length: count },
        (_, i) =>
          `GET /${i} HTTP/1.1\r\nHost: web\r\n${i === count - 1 ? 'Connection: close\r\n' : ''}\r\n`,
      ).join(''),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(mesh.records.length).toBeLessThan(count);
    socket.resume();
    const text = await readAll(socket);
    expect([...text.matchAll(/\r\n\r\n\/(\d+)y/g)].map((one) => Number(one[1]))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
  });

  it('goes on with a body that was answered already is cut off', async () => {
    await mesh.apply(service('web', 1) + rules('web', '- directResponse: { status: 200 }'));
    const socket = await dial();
    socket.on('error', () => {});
    socket.write(`${POST}Content-Length: 100000\r\n\r\nabc`);
    const trickle = setInterval(() => socket.write('x'), 100);
    const startMs = performance.now();
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200/);
    clearInterval(trickle);
    expect(performance.now() - startMs).toBeLessThan(4000);
  });

  it('wishes for HTTP/2 gets its answer in HTTP/1.1', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => response.end(JSON.stringify(request.headers))),
      ),
    );
    const answer = await get('/', {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(JSON.parse(answer.body) as object)).not.toContain('http2-settings');
    expect(answer.body).not.toContain('h2c');
  });

  it('names another host in absolute form is routed by that', async () => {
    await mesh.apply(
      service('web', await mesh.http((request, response) => response.end(request.headers.host))),
    );
    const answer = await mesh.client().send('GET http://web/x HTTP/1.1\r\nHost: other\r\n\r\n');
    expect(answer).toMatchObject({ status: 200, body: 'web' });
  });

  it('sends the next requests before the answer gets all answers in order', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => {
          setTimeout(() => response.end(request.url), request.url === '/1' ? 20 : 0);
        }),
      ),
    );
    const socket = await dial();
    socket.write(
      ['/1', '/2', '/none', '/3']
        .map(
          (path) =>
            `GET ${path} HTTP/1.1\r\nHost: web\r\n${path === '/3' ? 'Connection: close\r\n' : ''}\r\n`,
        )
        .join(''),
    );
    const text = await readAll(socket);
    expect([...text.matchAll(/\r\n\r\n(\/[a-z\d]+)/g)].map((one) => one[1])).toEqual([
      '/1',
      '/2',
      '/none',
      '/3',
    ]);
  });

  it('expects 100 gets it before it sends', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => {
          let body = '';
          request.on('data', (chunk) => (body += chunk));
          request.on('end', () => response.end(`${request.headers.expect} ${body}`));
        }),
      ),
    );
    const socket = await dial();
    socket.write(
      'POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('hi');
    expect(await readAll(socket)).toContain('undefined hi');
  });

  it('wants trailers gets them, and its own go on', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => {
          request.resume();
          request.on('end', () => {
            response.writeHead(200, { trailer: 'x-sum' });
            response.write('body');
            response.addTrailers({ 'x-sum': String(request.trailers['x-in']) });
            response.end();
          });
        }),
      ),
    );
    const socket = await dial();
    socket.write(
      'POST / HTTP/1.1\r\nHost: web\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\nx-in: 7\r\n\r\n',
    );
    expect(await readAll(socket)).toContain('4\r\nbody\r\n0\r\nx-sum: 7\r\n\r\n');
  });

  it('upgrades to a web socket talks to the server and back', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.tcp((socket) => {
          socket.once('data', (head: Buffer) => {
            expect(head.toString()).toMatch(/connection: upgrade\r\nupgrade: websocket/);
            socket.write(
              'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello',
            );
            socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
            socket.on('end', () => socket.end('bye'));
          });
        }),
      ),
    );
    const socket = await dial();
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await waitFor('the greeting', () => text.endsWith('hello'));
    expect(text).toMatch(
      /^HTTP\/1\.1 101 Switching Protocols\r\n[^]*upgrade: websocket\r\n\r\nhello$/,
    );
    socket.write('abc');
    await waitFor('an echo', () => text.endsWith('ABC'));
    socket.end();
    await once(socket, 'close');
    expect(text.endsWith('bye')).toBe(true);
    expect(last()).toMatchObject({ status: 101, responseFlags: '' });
  });
});

describe('a body of 100 MB', () => {
  const SIZE = 100_000_000;

  it('goes up and down whole, and slow readers hold it back', async () => {
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => {
          response.writeHead(200, { 'content-length': SIZE });
          request.pipe(response);
        }),
      ),
    );
    const socket = await dial();
    socket.pause();
    socket.write(
      `POST / HTTP/1.1\r\nHost: web\r\nContent-Length: ${SIZE}\r\nConnection: close\r\n\r\n`,
    );
    const body = Buffer.alloc(SIZE, 'x');
    const before = process.memoryUsage.rss();
    let flushed = false;
    socket.write(body, () => (flushed = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Nobody reads the answer: what is on its way fits into the buffers of sockets.
    expect(flushed).toBe(false);
    expect(process.memoryUsage.rss() - before).toBeLessThan(60_000_000);
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length));
    socket.resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(SIZE);
    expect(last()).toMatchObject({ bytesReceived: SIZE, bytesSent: SIZE });
  });
});

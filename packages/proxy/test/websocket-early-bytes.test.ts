// What a client sends after its wish for a web socket and before the answer: it belongs to the web socket, and
// where there will be none it must reach nobody. To a server of HTTP/1.1 it would be the next request.

import http2, { type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHAT, openSession } from './support/http2-websocket.ts';
import { service, startMesh, type Mesh } from './support/mesh.ts';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n';
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';

let mesh: Mesh;
const closing: { close(): void }[] = [];
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(async () => {
  for (const one of closing.splice(0)) one.close();
  await mesh.close();
});

/** Takes requests as they lie in the bytes, pipelined ones too; `/chat` waits for its word. */
async function pipeliningServer() {
  const server = {
    port: 0,
    connections: 0,
    paths: [] as string[],
    ended: false,
    /** What came on the connection of `/chat` after it was answered. */
    after: '',
    socket: undefined as Socket | undefined,
    answer: (_text: string) => {},
  };
  server.port = await mesh.tcp((socket) => {
    server.connections++;
    let text = '';
    let waits = false;
    let switched = false;
    const read = () => {
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        if (waits) return;
        const path = text.split(' ')[1]!;
        text = text.slice(end + 4);
        server.paths.push(path);
        if (path !== '/chat') socket.write(answerOf(path));
        else {
          waits = true;
          server.socket = socket;
          server.answer = (answer) => {
            waits = false;
            switched = answer.startsWith('HTTP/1.1 101');
            socket.write(answer);
            server.after += text;
            if (!switched) read();
          };
        }
      }
    };
    socket.on('end', () => (server.ended = true));
    socket.on('data', (chunk: Buffer) => {
      if (switched) server.after += chunk.toString('latin1');
      else {
        text += chunk.toString('latin1');
        read();
      }
    });
  });
  return server;
}

const answerOf = (path: string) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`;

async function dial(): Promise<ClientHttp2Session> {
  const session = await openSession(mesh, 'outbound');
  closing.push({ close: () => session.destroy() });
  return session;
}

function chat(session: ClientHttp2Session, endStream = false) {
  const stream = session.request(CHAT, { endStream });
  const got = { stream, status: 0, text: '', ended: false };
  stream.on('error', () => {});
  stream.on('response', (headers) => (got.status = Number(headers[':status'])));
  stream.on('data', (chunk: Buffer) => (got.text += chunk.toString('latin1')));
  stream.on('end', () => (got.ended = true));
  return got;
}

/** When it has come back a few times, what was sent before it has been dealt with. */
async function settle(session: ClientHttp2Session): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise<void>((resolve, reject) =>
      session.ping((error) => (error ? reject(error) : resolve())),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('bytes before the answer of a server with HTTP/1.1', () => {
  it('that does not switch are no request to it, and its connection is not used again', async () => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const got = chat(session);
    await waitFor('the request', () => server.paths.length === 1);
    got.stream.end(SMUGGLED);
    await settle(session);
    server.answer(answerOf('/chat'));
    await waitFor('its answer', () => got.ended);
    expect([got.status, got.text]).toEqual([200, '/chat']);
    const victim = await mesh.client().request('GET', '/victim', { host: 'web' });
    expect(victim.body).toBe('/victim');
    expect(server.paths).toEqual(['/chat', '/victim']);
    expect(server.after).toBe('');
    expect(server.connections).toBe(2);
  });

  it('are not sent later either, while its answer is still coming', async () => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const got = chat(session);
    got.stream.write(SMUGGLED);
    await waitFor('the request', () => server.paths.length === 1);
    await settle(session);
    server.answer('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    await waitFor('half of it', () => got.text === 'ab');
    got.stream.write(SMUGGLED);
    got.stream.end(Buffer.alloc(200_000));
    await settle(session);
    server.socket!.write('cd');
    await waitFor('all of it', () => got.ended);
    expect(got.text).toBe('abcd');
    expect(server.paths).toEqual(['/chat']);
    expect(server.after).toBe('');
    await waitFor('room', async () => (await mesh.plane.statistics()).bufferedBytes === 0);
  });

  it('of a client with HTTP/1.1 are its next request, with an answer of its own', async () => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    const { address, port } = mesh.port('outbound');
    const socket = connectTcp(port, address);
    closing.push({ close: () => socket.destroy() });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(
      `GET /chat HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n${SMUGGLED}`,
    );
    await waitFor('the request', () => server.paths.length === 1);
    await settle(await dial());
    server.answer(answerOf('/chat'));
    await waitFor('both answers', () => text.endsWith('/smuggled'));
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    const victim = await mesh.client().request('GET', '/victim', { host: 'web' });
    expect(victim.body).toBe('/victim');
    expect(server.paths).toEqual(['/chat', '/smuggled', '/victim']);
    expect(server.after).toBe('');
    await waitFor('its record', () => mesh.records.length === 3);
    expect(mesh.records.map(({ path }) => path)).toEqual(['/chat', '/smuggled', '/victim']);
  });

  it('follow its switch, as many as are held and as many as had to wait', async () => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const got = chat(session);
    const early = 'x'.repeat(1_000_000);
    got.stream.end(early);
    await waitFor('the request', () => server.paths.length === 1);
    await settle(session);
    const { bufferedBytes } = await mesh.plane.statistics();
    expect(bufferedBytes).toBeGreaterThan(0);
    expect(bufferedBytes).toBeLessThan(300_000);
    server.answer(`${SWITCH}hello`);
    await waitFor('the end', () => server.ended);
    expect([got.status, got.text]).toEqual([200, 'hello']);
    expect(server.after === early).toBe(true);
    expect(server.paths).toEqual(['/chat']);
    await waitFor('its end', () => got.ended);
    expect((await mesh.plane.statistics()).bufferedBytes).toBe(0);
  });

  it.each([
    ['with its head', true],
    ['before the answer', false],
  ])('may be none: a client that ends %s ends its side of the web socket', async (_, withHead) => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const got = chat(session, withHead);
    if (!withHead) got.stream.end();
    await waitFor('the request', () => server.paths.length === 1);
    await settle(session);
    expect(server.ended).toBe(false);
    server.answer(`${SWITCH}bye`);
    await waitFor('the end of it', () => server.ended);
    await waitFor('the other end', () => got.ended);
    expect([got.status, got.text]).toEqual([200, 'bye']);
    await waitFor('its record', () => mesh.records.length === 1);
    expect(mesh.records[0]).toMatchObject({ status: 101, responseFlags: '' });
    const { clusters } = await mesh.plane.statistics();
    expect(clusters.every((one) => one.requests === 0)).toBe(true);
  });

  it('that switches to something else, or does not say to what, never come to it', async () => {
    const server = await pipeliningServer();
    await mesh.apply(service('web', server.port));
    for (const line of ['', 'Connection: upgrade\r\nUpgrade: other\r\n']) {
      server.paths.length = 0;
      const session = await dial();
      const got = chat(session);
      got.stream.write(SMUGGLED);
      await waitFor('the request', () => server.paths.length === 1);
      await settle(session);
      server.answer(`HTTP/1.1 101 Switching Protocols\r\n${line}\r\n`);
      await waitFor('a bad gateway', () => got.status === 502);
      expect(server.after).toBe('');
    }
  });

  it('have a length: then it is a request like any other, without the upgrade', async () => {
    let seen = '';
    const port = await mesh.tcp((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen += chunk.toString('latin1');
        if (seen.endsWith('hello'))
          socket.write('HTTP/1.1 426 Upgrade\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await mesh.apply(service('web', port));
    const answer = await mesh
      .client()
      .send(
        'GET /chat HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello',
      );
    expect(answer.status).toBe(426);
    expect(seen).toContain('content-length: 5\r\n');
    expect(seen).not.toMatch(/upgrade/i);
  });
});

describe('bytes before the answer of a server with HTTP/2', () => {
  async function waitingServer() {
    const got = {
      text: '',
      ended: false,
      stream: undefined as ServerHttp2Stream | undefined,
    };
    const server = http2.createServer({ settings: { enableConnectProtocol: true } });
    closing.push({ close: () => void server.close() });
    server.on('stream', (stream) => {
      got.stream = stream;
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => (got.text += chunk.toString('latin1')));
      stream.on('end', () => (got.ended = true));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await mesh.apply(service('web', port).replaceAll('protocol: HTTP }', 'protocol: HTTP2 }'));
    return got;
  }

  it.each([200, 201])('follow its %i', async (status) => {
    const server = await waitingServer();
    const session = await dial();
    const got = chat(session);
    got.stream.end('early');
    await waitFor('the request', () => server.stream !== undefined);
    await settle(session);
    expect([server.text, server.ended]).toEqual(['', false]);
    server.stream!.respond({ ':status': status });
    await waitFor('the end', () => server.ended);
    expect(server.text).toBe('early');
    server.stream!.end('bye');
    await waitFor('the other end', () => got.ended);
    expect([got.status, got.text]).toEqual([200, 'bye']);
  });

  it('that refuses never come to it', async () => {
    const server = await waitingServer();
    const session = await dial();
    const got = chat(session);
    got.stream.end('early');
    await waitFor('the request', () => server.stream !== undefined);
    await settle(session);
    server.stream!.respond({ ':status': 403 });
    server.stream!.end('no');
    await waitFor('its answer', () => got.ended);
    expect([got.status, got.text, server.text]).toEqual([403, 'no', '']);
  });
});

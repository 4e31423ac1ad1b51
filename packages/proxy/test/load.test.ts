// What all requests together may hold in memory: bodies that are kept or wait, and copies for mirrors.

import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
const sockets: Socket[] = [];
beforeEach(async () => {
  mesh = await startMesh({ limits: { maxBufferedBytes: 200_000 } });
});
afterEach(async () => {
  for (const one of sockets.splice(0)) one.destroy();
  await mesh.close();
});

function post(bytes: number, sent = bytes): Socket {
  const { address, port } = mesh.port('outbound');
  const socket = connect(port, address);
  socket.on('error', () => {});
  sockets.push(socket);
  socket.write(
    `POST / HTTP/1.1\r\nHost: web\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(sent)}`,
  );
  return socket;
}

const statistics = () => mesh.plane.statistics();

describe('bodies', () => {
  it('are kept for retries until there is no room, and go on without being kept then', async () => {
    let received = 0;
    await mesh.apply(
      service(
        'web',
        await mesh.http((request, response) => {
          request.on('data', (chunk: Buffer) => (received += chunk.length));
          request.on('end', () => response.end('ok'));
        }),
      ),
    );
    for (let i = 0; i < 10; i++) post(60_000, 1);
    await waitFor('all of them to arrive', () => received === 10);
    for (const one of sockets) one.write('x'.repeat(49_999));
    await waitFor('more of them to arrive', () => received === 500_000);
    const now = await statistics();
    expect(now.bufferedBytes).toBeLessThan(300_000);
    expect(now.bodiesNotKept).toBeGreaterThan(0);
    expect(now.requestsRefused).toBe(0);
    for (const one of sockets) one.write('x'.repeat(10_000));
    await waitFor('all answers', () => mesh.records.length === 10);
    expect(mesh.records.every((one) => one.status === 200)).toBe(true);
    expect((await statistics()).bufferedBytes).toBe(0);
  });

  it('that wait for a server are refused when there is no room', async () => {
    await mesh.apply(
      service('web', 1) +
        rules(
          'web',
          '- fault: { delay: { fixedDelay: 1s, percentage: { value: 100 } } }\n  route: [{ destination: { host: web } }]',
        ),
    );
    for (let i = 0; i < 20; i++) post(60_000, 30_000);
    await waitFor('some to be refused', () =>
      mesh.records.some((one) => one.responseFlags.includes('OM')),
    );
    const refused = mesh.records.find((one) => one.responseFlags.includes('OM'))!;
    expect(refused.status).toBe(503);
    expect((await statistics()).requestsRefused).toBeGreaterThan(0);
    expect((await statistics()).bufferedBytes).toBeLessThan(300_000);
    for (const one of sockets) one.destroy();
    await waitFor('all to be let go', async () => (await statistics()).bufferedBytes === 0);
  });
});

it('answers that clients with HTTP/2 do not read are cut off when there is no room', async () => {
  const body = Buffer.alloc(60_000, 'x');
  await mesh.apply(service('web', await mesh.http((_, response) => response.end(body))));
  const { address, port } = mesh.port('outbound');
  const session = connectHttp2(`http://${address}:${port}`, { settings: { initialWindowSize: 0 } });
  session.on('error', () => {});
  let closed = 0;
  for (let i = 0; i < 50; i++) {
    const stream = session.request({ ':path': '/', ':authority': 'web' });
    stream.on('error', () => {});
    stream.on('close', () => closed++);
  }
  await waitFor('them to be cut off', () => closed === 50);
  expect((await statistics()).answersCut).toBe(50);
  session.destroy();
  await waitFor('all to be let go', async () => (await statistics()).bufferedBytes === 0);
});

describe('a mirror that hangs', () => {
  it('holds so many copies and no more, for as long as the rule allows', async () => {
    let open = 0;
    const hangs = await mesh.tcp((socket) => {
      open++;
      socket.on('data', () => {});
      socket.on('close', () => open--);
    });
    const web = await mesh.http((_, response) => response.end('ok'));
    await mesh.apply(
      service('web', web) +
        service('shadow', hangs) +
        rules(
          'web',
          '- route: [{ destination: { host: web } }]\n  mirror: { host: shadow }\n  timeout: 2s',
        ),
    );
    const clients = Array.from({ length: 8 }, () => mesh.client());
    for (let round = 0; round < 50; round++)
      await Promise.all(clients.map((one) => one.request('GET', '/', { host: 'web' })));
    expect(open).toBeLessThanOrEqual(256);
    expect((await statistics()).mirrorsDropped).toBeGreaterThan(0);
    await waitFor('the copies to be given up', () => open === 0);
    expect(mesh.records.filter((one) => one.status === 200 && !one.mirror)).toHaveLength(400);
  });

  it('gets the trailers of a request too', async () => {
    let seen = '';
    const shadow = await mesh.tcp((socket) =>
      socket.on('data', (chunk: Buffer) => (seen += chunk.toString('latin1'))),
    );
    const web = await mesh.http((request, response) => {
      request.resume();
      request.on('end', () => response.end('ok'));
    });
    await mesh.apply(
      service('web', web) +
        service('shadow', shadow) +
        rules('web', '- route: [{ destination: { host: web } }]\n  mirror: { host: shadow }'),
    );
    await mesh
      .client()
      .send(
        'POST / HTTP/1.1\r\nHost: web\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 7\r\n\r\n',
      );
    await waitFor('the copy', () => seen.endsWith('x-sum: 7\r\n\r\n'));
    expect(seen).toContain('te: trailers');
  });
});

it('an answer that limits a client is not asked for again', async () => {
  let asked = 0;
  const port = await mesh.http((_, response) => {
    asked++;
    response.writeHead(503, { 'x-envoy-ratelimited': 'true' }).end();
  });
  await mesh.apply(
    service('web', port) +
      rules(
        'web',
        '- retries: { attempts: 3, retryOn: 5xx }\n  route: [{ destination: { host: web } }]',
      ),
  );
  expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({ status: 503 });
  expect(asked).toBe(1);
});

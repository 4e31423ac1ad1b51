// Web sockets over HTTP/2 (extended CONNECT, RFC 8441) on either side of the proxy.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2, {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumLaunch, hasParts, titleWith, waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptOf } from '../src/codec/websocket-key.ts';
import { openAuthority } from '../src/identity/authority.ts';
import { CHAT, openSession } from './support/http2-websocket.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';
import { startWebSocketServer, webSocketOver, type WebSocketServer } from './support/websocket.ts';

let mesh: Mesh;
let server: WebSocketServer;
const closing: { close(): void }[] = [];
beforeEach(async () => {
  mesh = await startMesh();
  server = await startWebSocketServer();
});
afterEach(async () => {
  for (const one of closing.splice(0)) one.close();
  server.close();
  await mesh.close();
});

async function dial(direction = 'outbound'): Promise<ClientHttp2Session> {
  const session = await openSession(mesh, direction);
  closing.push({ close: () => session.destroy() });
  return session;
}

async function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}) {
  const stream = session.request(
    { ...CHAT, origin: 'http://web', ...headers },
    { endStream: false },
  );
  stream.on('error', () => {});
  const [answer] = (await once(stream, 'response')) as [
    IncomingHttpHeaders & { ':status': number },
  ];
  return { stream, answer };
}

const closed = (stream: ClientHttp2Stream) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed) resolve();
    else stream.once('close', () => resolve());
  });

describe('a web socket over HTTP/2', () => {
  it('is announced, becomes an upgrade of HTTP/1.1, and ends as it is ended', async () => {
    await mesh.apply(service('web', server.port));
    const session = await dial();
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
    const { stream, answer } = await open(session);
    expect(answer[':status']).toBe(200);
    for (const name of ['sec-websocket-accept', 'upgrade', 'connection', 'content-length'])
      expect(answer[name]).toBeUndefined();
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      url: '/chat',
      headers: { host: 'web', upgrade: 'websocket', origin: 'http://web' },
    });
    const socket = webSocketOver(stream);
    const long = 'x'.repeat(1_000_000);
    socket.send('one');
    socket.send(long);
    await waitFor('the echo', () => socket.texts.length === 3);
    expect(socket.texts).toEqual(['hello', 'one', long]);
    // Beside it the connection carries what it always did.
    const plain = session.request({ ':path': '/', ':authority': 'web' });
    const [other] = (await once(plain, 'response')) as [IncomingHttpHeaders];
    expect(other[':status']).toBe(200);
    plain.resume();
    socket.close(1001);
    await waitFor('the close', () => socket.closeCode() === 1001);
    stream.end();
    await closed(stream);
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    await waitFor('both records', () => mesh.records.length === 2);
    expect(mesh.records.find(({ path }) => path === '/chat')).toMatchObject({
      method: 'GET',
      status: 101,
      protocol: 'HTTP/2',
      responseFlags: '',
    });
    const { clusters } = await mesh.plane.statistics();
    expect(clusters.every((one) => one.requests === 0)).toBe(true);
  });

  it('is routed by rules like any GET', async () => {
    await mesh.apply(
      service('web', server.port) +
        rules(
          'web',
          `- match: [{ uri: { exact: /chat }, method: { exact: GET } }]
  rewrite: { uri: /inside }
  route: [{ destination: { host: web } }]
- directResponse: { status: 418 }`,
        ),
    );
    const session = await dial();
    const { answer, stream } = await open(session);
    expect(answer[':status']).toBe(200);
    expect(server.requests[0]!.url).toBe('/inside');
    stream.close();
    expect((await open(session, { ':path': '/other' })).answer[':status']).toBe(418);
  });

  it('that the server refuses gets its answer, and what is no web socket is refused here', async () => {
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const { answer, stream } = await open(session, { ':path': '/refuse' });
    expect(answer).toMatchObject({ ':status': 403, 'x-why': 'asked' });
    let body = '';
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    await waitFor('its body', () => body === 'no');
    stream.close();
    expect((await open(session, { ':protocol': 'connect-udp' })).answer[':status']).toBe(403);
    const bare = session.request({ ':method': 'CONNECT', ':authority': 'web:80' });
    bare.on('error', () => {});
    const [refused] = (await once(bare, 'response')) as [IncomingHttpHeaders];
    expect(refused[':status']).toBe(404);
    // A key of the client's own is answered.
    const key = Buffer.alloc(16, 7).toString('base64');
    const keyed = await open(session, { 'sec-websocket-key': key });
    expect(keyed.answer['sec-websocket-accept']).toBe(acceptOf(key));
  });

  it('ends on both sides when either goes', async () => {
    await mesh.apply(service('web', server.port));
    const session = await dial();
    const first = await open(session);
    await waitFor('a connection', () => server.open() === 1);
    first.stream.close(constants.NGHTTP2_CANCEL);
    await waitFor('its end', () => server.open() === 0);
    const second = await open(session);
    second.stream.resume();
    await waitFor('a connection', () => server.open() === 1);
    server.cut();
    await closed(second.stream);
    await waitFor('both records', () => mesh.records.length === 2);
    expect(mesh.records.map(({ responseFlags }) => responseFlags)).toEqual([
      'DC',
      expect.anything(),
    ]);
    expect((await mesh.plane.statistics()).clusters.every((one) => one.requests === 0)).toBe(true);
  });

  it('that nobody uses ends like every stream', async () => {
    await mesh.close();
    mesh = await startMesh({ limits: { streamIdleTimeoutMs: 200, delayedCloseTimeoutMs: 100 } });
    await mesh.apply(service('web', server.port));
    const { stream } = await open(await dial());
    stream.resume();
    await closed(stream);
    await waitFor('its end upstream', () => server.open() === 0);
    expect(mesh.records[0]).toMatchObject({ status: 101, responseFlags: 'SI' });
  });
});

describe('a web socket over HTTP/2 that is refused', () => {
  beforeEach(async () => {
    await mesh.close();
    mesh = await startMesh({ limits: { delayedCloseTimeoutMs: 100 } });
    await mesh.apply(
      service('web', server.port) +
        rules(
          'web',
          `- match: [{ uri: { exact: /chat } }]
  directResponse: { status: 418 }
- route: [{ destination: { host: web } }]`,
        ),
    );
  });

  it.each([
    ['by a rule', {}, 418],
    ['by the server', { ':path': '/refuse' }, 403],
    ['for what it asks for', { ':protocol': 'connect-udp' }, 403],
  ])('%s does not stay for a client that does not end', async (_, headers, status) => {
    const { stream, answer } = await open(await dial(), headers);
    stream.resume();
    expect(answer[':status']).toBe(status);
    await closed(stream);
  });

  it('does not stay for a client that goes on talking', async () => {
    const { stream } = await open(await dial());
    stream.resume();
    const talking = setInterval(() => stream.writable && stream.write('more'), 20);
    closing.push({ close: () => clearInterval(talking) });
    await closed(stream);
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect(mesh.records).toMatchObject([{ status: 418 }]);
  });
});

describe('an upstream with HTTP/2', () => {
  /** A server that has web sockets by extended CONNECT, or not. */
  async function http2Server(enableConnectProtocol: boolean): Promise<number> {
    const one = http2.createServer({ settings: { enableConnectProtocol } });
    closing.push({ close: () => void one.close() });
    one.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (headers[':method'] !== 'CONNECT' || headers[':protocol'] !== 'websocket')
        return stream.respond({ ':status': 400 }, { endStream: true });
      if (headers[':path'] === '/refuse')
        return stream.respond({ ':status': 403 }, { endStream: true });
      stream.respond({ ':status': 200, 'x-path': headers[':path'] });
      stream.on('data', (chunk: Buffer) => stream.write(chunk.toString().toUpperCase()));
      stream.on('end', () => stream.end('bye'));
      return undefined;
    });
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as AddressInfo).port;
  }
  const http2Service = (port: number) =>
    service('web', port).replaceAll('protocol: HTTP }', 'protocol: HTTP2 }');

  function upgrade(path: string, key: string) {
    const { address, port } = mesh.port('outbound');
    const socket = connectTcp(port, address);
    closing.push({ close: () => socket.destroy() });
    socket.on('error', () => {});
    const got = { text: '', socket, ended: false };
    socket.on('data', (chunk: Buffer) => (got.text += chunk.toString()));
    socket.on('close', () => (got.ended = true));
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\nearly`,
    );
    return got;
  }

  it('is asked with an extended CONNECT, and a client with HTTP/1.1 gets its 101', async () => {
    await mesh.apply(http2Service(await http2Server(true)));
    const key = Buffer.alloc(16, 3).toString('base64');
    const got = upgrade('/chat', key);
    await waitFor('what was sent early', () => got.text.endsWith('EARLY'));
    expect(got.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(got.text).toContain(`sec-websocket-accept: ${acceptOf(key)}\r\n`);
    expect(got.text).toContain('x-path: /chat\r\n');
    got.socket.write('abc');
    await waitFor('an echo', () => got.text.endsWith('ABC'));
    got.socket.end();
    await waitFor('its end', () => got.ended);
    expect(got.text.endsWith('bye')).toBe(true);
    // The same connection, whose settings are known now.
    const next = upgrade('/refuse', key);
    await waitFor('the refusal', () => next.text.includes('HTTP/1.1 403'));
    next.socket.destroy();
    await waitFor('both records', () => mesh.records.length === 2);
    expect(mesh.records.map(({ status }) => status)).toEqual([101, 403]);
    expect((await mesh.plane.statistics()).clusters.every((one) => one.requests === 0)).toBe(true);
  });

  it('carries what a client with HTTP/2 says', async () => {
    await mesh.apply(http2Service(await http2Server(true)));
    const { stream, answer } = await open(await dial());
    expect(answer).toMatchObject({ ':status': 200, 'x-path': '/chat' });
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.write('abc');
    await waitFor('an echo', () => text === 'ABC');
    stream.end();
    await closed(stream);
    expect(text).toBe('ABCbye');
  });

  it('that does not have it is a bad gateway', async () => {
    await mesh.apply(http2Service(await http2Server(false)));
    const { answer } = await open(await dial());
    expect(answer[':status']).toBe(502);
    expect(mesh.records).toMatchObject([
      {
        status: 502,
        responseFlags: 'UPE',
        responseCodeDetails: 'upstream_reset_before_response_started{no_extended_CONNECT}',
      },
    ]);
  });

  it('that does not have it has not failed, and is not ejected', async () => {
    await mesh.apply(
      http2Service(await http2Server(false)).replace(
        'trafficPolicy: {',
        'trafficPolicy: { outlierDetection: { consecutive5xxErrors: 2, interval: 60s, baseEjectionTime: 60s, maxEjectionPercent: 100 },',
      ),
    );
    const session = await dial();
    for (let n = 0; n < 4; n++) expect((await open(session)).answer[':status']).toBe(502);
    const plain = session.request({ ':path': '/', ':authority': 'web' });
    const [answer] = (await once(plain, 'response')) as [IncomingHttpHeaders];
    expect(answer[':status']).toBe(400);
    expect(mesh.records.map(({ responseFlags }) => responseFlags)).not.toContain('UH');
  });
});

describe('a browser', () => {
  it.skipIf(!hasParts('chromium'))(
    titleWith('opens a web socket on its connection with HTTP/2', 'chromium'),
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'clover-ws-'));
      closing.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
      const { certificatePem, keyPem } = openAuthority().issue('spiffe://test/site', 1e8);
      writeFileSync(join(folder, 'site.crt'), certificatePem);
      writeFileSync(join(folder, 'site.key'), keyPem);
      await mesh.apply(`${service('web', server.port)}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: one, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, serverCertificate: ${join(folder, 'site.crt')}, privateKey: ${join(folder, 'site.key')} }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: ["*"], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`);
      const { port } = mesh.port('gateway');
      const { chromium: browserType } = await import('playwright-core');
      const launch = await chromiumLaunch();
      const browser = await browserType.launchPersistentContext(launch.userDataDir, {
        ...launch.options,
        ignoreHTTPSErrors: true,
      });
      try {
        const page = await browser.newPage();
        await page.goto(`https://localhost:${port}/`);
        const said = await page.evaluate(
          (url) =>
            new Promise<string[]>((resolve, reject) => {
              const texts: string[] = [];
              const socket = new WebSocket(url);
              socket.addEventListener('error', () => reject(new Error('no web socket')));
              socket.addEventListener('message', ({ data }) => {
                texts.push(String(data));
                if (texts.length === 1) socket.send('from a page');
                else socket.close(1000);
              });
              socket.addEventListener('close', ({ code }) => resolve([...texts, String(code)]));
            }),
          `wss://localhost:${port}/chat`,
        );
        expect(said).toEqual(['hello', 'from a page', '1000']);
        await waitFor('its record', () => mesh.records.some(({ status }) => status === 101));
        expect(mesh.records.find(({ status }) => status === 101)).toMatchObject({
          protocol: 'HTTP/2',
          direction: 'gateway',
        });
      } finally {
        await browser.close();
        await launch.remove();
      }
    },
  );
});

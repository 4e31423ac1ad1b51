// What passes a gateway beside plain requests: web sockets, with and without TLS, and HTTP/2 with gRPC
// by ALPN.

import { once } from 'node:events';
import http2, { connect as connectHttp2 } from 'node:http2';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { waitFor } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { createIdentities, type Identities } from '../src/identity/identities.ts';
import { CLIENT, service, startMesh, type Mesh } from './support/mesh.ts';

const authority = openAuthority();
const { certificatePem, keyPem } = authority.issue('spiffe://cluster.local/gateway', 60_000);
let mesh: Mesh;
let identities: Identities;
let folder: string;
const closing: { close(): void }[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clover-gateway-'));
  writeFileSync(join(folder, 'site.crt'), certificatePem);
  writeFileSync(join(folder, 'site.key'), keyPem);
  identities = createIdentities({ authority });
  mesh = await startMesh({ identities });
});
afterEach(async () => {
  for (const one of closing.splice(0)) one.close();
  await mesh.close();
  identities.close();
  rmSync(folder, { recursive: true, force: true });
});

const gateway = (secure: boolean) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: one, protocol: ${secure ? 'HTTPS' : 'HTTP'} }
      hosts: ["*"]
      ${secure ? `tls: { mode: SIMPLE, serverCertificate: ${join(folder, 'site.crt')}, privateKey: ${join(folder, 'site.key')} }` : ''}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: [shop.test], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`;

/** Speaks enough of a web socket: a greeting, then everything in capitals. */
const shouting = (socket: Socket) =>
  void socket.once('data', () => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello',
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end('bye'));
  });

async function talk(socket: Socket): Promise<string> {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  );
  await waitFor('the greeting', () => text.endsWith('hello'));
  socket.write('abc');
  await waitFor('an echo', () => text.endsWith('ABC'));
  socket.destroy();
  return text;
}

describe('a web socket', () => {
  it('passes a gateway', async () => {
    await mesh.apply(service('web', await mesh.tcp(shouting)) + gateway(false));
    const { address, port } = mesh.port('gateway');
    expect(await talk(connect(port, address))).toMatch(/^HTTP\/1\.1 101/);
    await waitFor('its record', () => mesh.records.length === 1);
    expect(mesh.records[0]).toMatchObject({ status: 101, direction: 'gateway' });
  });

  it('passes a gateway with TLS, and mTLS behind it', async () => {
    const port = await mesh.tcp(shouting);
    const server = {
      ...CLIENT,
      name: 'web-v1',
      service: 'web',
      serviceAccount: 'web',
      ports: { 80: port },
    };
    const mutual = service('web', port).replace(
      'trafficPolicy: {',
      'trafficPolicy: { tls: { mode: ISTIO_MUTUAL },',
    );
    await mesh.apply(mutual + gateway(true), { workloads: [CLIENT, server] });
    const { address, port: edge } = mesh.port('gateway');
    const socket = connectTls({
      host: address,
      port: edge,
      servername: 'shop.test',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    expect(await talk(socket)).toMatch(/^HTTP\/1\.1 101/);
    await waitFor('both records', () => mesh.records.length === 2);
    expect(mesh.records.map((one) => one.direction).toSorted()).toEqual(['gateway', 'inbound']);
    const { clusters } = await mesh.plane.statistics();
    expect(clusters.every((one) => one.requests === 0)).toBe(true);
  });
});

it('gRPC comes over TLS with h2 by ALPN and goes on over HTTP/2, trailers and all', async () => {
  const server = http2.createServer();
  closing.push(server);
  server.on('stream', (stream, headers) => {
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'x-proto': headers['x-forwarded-proto'],
      },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  await mesh.apply(
    service('web', port).replaceAll('protocol: HTTP }', 'protocol: GRPC }') + gateway(true),
  );
  const edge = mesh.port('gateway');
  const session = connectHttp2(`https://${edge.address}:${edge.port}`, {
    servername: 'shop.test',
    rejectUnauthorized: false,
  });
  closing.push({ close: () => session.destroy() });
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': '/p.S/M',
      ':authority': 'shop.test',
      'content-type': 'application/grpc',
      te: 'trailers',
    },
    { endStream: false },
  );
  let trailers: http2.IncomingHttpHeaders = {};
  let body = '';
  stream.on('trailers', (got) => (trailers = got));
  stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
  const answered = once(stream, 'response') as Promise<[http2.IncomingHttpHeaders]>;
  stream.write('one');
  const [answer] = await answered;
  await waitFor('the first message', () => body === 'one');
  stream.end('two');
  await once(stream, 'end');
  expect(session.alpnProtocol).toBe('h2');
  expect(answer).toMatchObject({ ':status': 200, 'x-proto': 'https' });
  expect(body).toBe('onetwo');
  expect(trailers).toMatchObject({ 'grpc-status': '0' });
  expect(mesh.records).toMatchObject([{ protocol: 'HTTP/2', scheme: 'https', grpcStatus: 0 }]);
});

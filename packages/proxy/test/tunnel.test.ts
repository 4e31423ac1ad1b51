// CONNECT at the port for HTTPS_PROXY: TLS of programs goes through the mesh by its rules.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { startMesh, type Mesh } from './support/mesh.ts';

const authority = openAuthority();
const { certificatePem, keyPem } = authority.issue('spiffe://cluster.local/site', 60_000);
let mesh: Mesh;
const closing: { close(): void }[] = [];
beforeEach(async () => {
  mesh = await startMesh();
});
afterEach(async () => {
  for (const one of closing.splice(0)) one.close();
  await mesh.close();
});

/** A server with TLS that says its name and the client's server name. */
async function tlsServer(name: string): Promise<number> {
  const server = createServer({ cert: certificatePem, key: keyPem }, (socket) => {
    socket.on('error', () => {});
    socket.end(`${name} ${String(socket.servername)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(server);
  return (server.address() as { port: number }).port;
}

async function tunnel(authorityOf: string): Promise<{ status: string; socket: Socket }> {
  const { address, port } = mesh.port('proxy');
  const socket = connect(port, address);
  socket.on('error', () => {});
  closing.push({ close: () => socket.destroy() });
  socket.write(`CONNECT ${authorityOf} HTTP/1.1\r\nHost: ${authorityOf}\r\n\r\n`);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { status: chunk.toString().split(' ')[1]!, socket };
}

async function overTls(socket: Socket, servername: string): Promise<string> {
  const secure = connectTls({ socket, servername, rejectUnauthorized: false });
  let text = '';
  secure.on('data', (chunk: Buffer) => (text += chunk.toString()));
  secure.on('error', () => {});
  await new Promise((resolve) => secure.once('close', resolve));
  return text;
}

const entry = (host: string, port: number, servicePort = 443, protocol = 'TLS') => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${host.replaceAll('.', '-')} }
spec:
  hosts: [${host}]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: ${servicePort}, name: one, protocol: ${protocol} }]
  endpoints: [{ address: 127.0.0.1, ports: { one: ${port} } }]
`;
const registryOnly = `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default }
spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY }, egress: [{ hosts: ["*/*"] }] }
`;

describe('a tunnel', () => {
  it('goes to the service that was named, with the TLS of the client', async () => {
    await mesh.apply(entry('site.test', await tlsServer('one')) + registryOnly);
    const { status, socket } = await tunnel('site.test:443');
    expect(status).toBe('200');
    expect(await overTls(socket, 'site.test')).toBe('one site.test');
  });

  it('follows the tls routes of a VirtualService', async () => {
    await mesh.apply(
      `${entry('site.test', await tlsServer('one'))}${entry('other.test', await tlsServer('two'))}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: site }
spec: { hosts: [site.test], tls: [{ match: [{ port: 443, sniHosts: [site.test] }], route: [{ destination: { host: other.test, port: { number: 443 } } }] }] }
`,
    );
    const { socket } = await tunnel('site.test:443');
    expect(await overTls(socket, 'site.test')).toBe('two site.test');
  });

  it('to what nobody declared is refused where only declared services may be reached', async () => {
    await mesh.apply(entry('site.test', await tlsServer('one')) + registryOnly);
    const { status, socket } = await tunnel('evil.test:443');
    expect(status).toBe('502');
    await once(socket, 'close');
    const lying = await tunnel('site.test:443');
    expect(await overTls(lying.socket, 'evil.test')).toBe('');
  });

  it('to what nobody declared goes there where that is allowed', async () => {
    await mesh.apply(entry('site.test', 1));
    const port = await tlsServer('free');
    const { status, socket } = await tunnel(`127.0.0.1:${port}`);
    expect(status).toBe('200');
    expect(await overTls(socket, 'free.test')).toBe('free free.test');
  });

  it('to a port of another service does not end there', async () => {
    const port = await mesh.tcp((socket) => socket.end('db'));
    await mesh.apply(entry('db.test', port, 5000, 'TCP') + registryOnly);
    expect((await tunnel('evil.test:5000')).status).toBe('502');
    const { socket } = await tunnel('db.test:5000');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('db');
  });

  it('to a port of HTTP is HTTP', async () => {
    const port = await mesh.http((request, response) => response.end(request.headers.host));
    await mesh.apply(entry('web.test', port, 80, 'HTTP') + registryOnly);
    const { socket } = await tunnel('web.test:80');
    socket.write('GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[^]*web\.test$/);
    expect(mesh.records).toMatchObject([{ status: 200, direction: 'outbound' }]);
  });

  it.each([
    ['site.test', '400'],
    ['site.test:0', '400'],
  ])('to %s is none', async (to, expected) => {
    await mesh.apply(entry('site.test', 1));
    expect((await tunnel(to)).status).toBe(expected);
  });

  it('back to the data plane itself is refused', async () => {
    await mesh.apply(entry('site.test', 1));
    const { address, port } = mesh.port('proxy');
    expect((await tunnel(`${address}:${port}`)).status).toBe('503');
  });
});

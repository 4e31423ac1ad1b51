// mTLS between workloads, TLS at a gateway, and connections that are passed on as bytes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority } from '../src/identity/authority.ts';
import { createIdentities, type Identities } from '../src/identity/identities.ts';
import { CLIENT, service, startMesh, type Mesh } from './support/mesh.ts';
import { RawClient } from './support/raw-client.ts';

let mesh: Mesh;
let identities: Identities;
let folder: string;
const authority = openAuthority();
beforeEach(async () => {
  identities = createIdentities({ authority });
  folder = mkdtempSync(join(tmpdir(), 'clover-mesh-tls-'));
  mesh = await startMesh({ identities, credentials: folder });
});
afterEach(async () => {
  await mesh.close();
  identities.close();
  rmSync(folder, { recursive: true, force: true });
});

const mutual = (yaml: string) =>
  yaml.replace('trafficPolicy: {', 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL },');
const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: strict }
spec: { mtls: { mode: STRICT } }
`;

describe('between workloads', () => {
  it('mTLS names the client, and STRICT takes nothing else', async () => {
    const port = await mesh.http((_, response) => response.end('hello'));
    const server = {
      ...CLIENT,
      name: 'web-v1',
      service: 'web',
      serviceAccount: 'web',
      ports: { 80: port },
    };
    const workloads = [CLIENT, server];
    await mesh.apply(mutual(service('web', port)) + strict, { workloads });
    expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({
      status: 200,
      body: 'hello',
    });
    expect(mesh.records[0]).toMatchObject({
      direction: 'inbound',
      peer: { service: 'client', principal: 'cluster.local/ns/default/sa/default' },
    });
    const inbound = mesh.port('inbound', 'default/web-v1');
    const plain = new RawClient(inbound.address, inbound.port);
    await expect(plain.request('GET', '/', { host: 'web' })).rejects.toThrow();
    await mesh.apply(service('web', port) + strict, { workloads });
    expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({ status: 503 });
    await mesh.apply(service('web', port), { workloads });
    expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({ status: 200 });
  });

  it('bytes go under mTLS too, and STRICT takes nothing else', async () => {
    const port = await mesh.tcp((socket) => socket.pipe(socket));
    const server = {
      ...CLIENT,
      name: 'db-1',
      service: 'db',
      serviceAccount: 'db',
      ports: { 5000: port },
    };
    await mesh.apply(
      `${strict}---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db }
spec:
  hosts: [db.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 5000, name: tcp, protocol: TCP }]
  workloadSelector: { labels: { app: db } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: db-1 }
spec: { address: 127.0.0.1, labels: { app: db }, ports: { tcp: ${port} }, serviceAccount: db }
`,
      { workloads: [CLIENT, server] },
    );
    const say = async ({ address, port: to }: { address: string; port: number }) => {
      const socket = connect(to, address);
      socket.on('error', () => {});
      socket.write('hello');
      const answer = await Promise.race([
        once(socket, 'data').then(([chunk]) => String(chunk)),
        once(socket, 'close').then(() => 'closed'),
      ]);
      socket.destroy();
      return answer;
    };
    expect(await say(mesh.port('outbound'))).toBe('hello');
    expect(await say(mesh.port('inbound', 'default/db-1'))).toBe('closed');
  });

  it('what a certificate says of a client is vouched for, and what the client says is not', async () => {
    const port = await mesh.http((request, response) =>
      response.end(String(request.headers['x-forwarded-client-cert'])),
    );
    const server = {
      ...CLIENT,
      name: 'web-v1',
      service: 'web',
      serviceAccount: 'web',
      ports: { 80: port },
    };
    const spoofed = {
      host: 'web',
      'x-forwarded-client-cert': 'By=x;URI=spiffe://cluster.local/ns/a/sa/admin',
    };
    await mesh.apply(mutual(service('web', port)), { workloads: [CLIENT, server] });
    expect((await mesh.client().request('GET', '/', spoofed)).body).toMatch(
      /^By=spiffe:\/\/cluster\.local\/ns\/default\/sa\/web;Hash=[0-9a-f]{64};Subject="";URI=spiffe:\/\/cluster\.local\/ns\/default\/sa\/default$/,
    );
    const { address, port: plain } = mesh.port('inbound', 'default/web-v1');
    const stranger = new RawClient(address, plain);
    expect((await stranger.request('GET', '/', spoofed)).body).toBe('undefined');
    stranger.close();
  });
});

it('a gateway drops what a client says of its own certificate', async () => {
  const port = await mesh.http((request, response) =>
    response.end(JSON.stringify(request.headers)),
  );
  await mesh.apply(`${service('web', port)}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: [shop.test], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`);
  const { body } = await mesh.client('gateway').request('GET', '/', {
    host: 'shop.test',
    'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/a/sa/admin',
    'x-envoy-retry-on': '5xx',
    'x-envoy-internal': 'true',
    'x-envoy-decorator-operation': 'x',
  });
  const seen = JSON.parse(body) as Record<string, string>;
  for (const name of [
    'x-forwarded-client-cert',
    'x-envoy-retry-on',
    'x-envoy-internal',
    'x-envoy-decorator-operation',
  ])
    expect(seen).not.toHaveProperty(name);
});

it('a gateway ends TLS with its credential and routes by HTTP', async () => {
  const { certificatePem, keyPem } = authority.issue('spiffe://cluster.local/gateway', 60_000);
  writeFileSync(join(folder, 'site.crt'), certificatePem);
  writeFileSync(join(folder, 'site.key'), keyPem);
  const port = await mesh.http((request, response) =>
    response.end(String(request.headers['x-forwarded-proto'])),
  );
  await mesh.apply(`${service('web', port)}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: https, protocol: HTTPS }, hosts: ["*"], tls: { mode: SIMPLE, serverCertificate: ${join(folder, 'site.crt')}, privateKey: ${join(folder, 'site.key')} } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: [shop.test], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`);
  const gateway = mesh.port('gateway');
  const socket = connectTls({
    host: gateway.address,
    port: gateway.port,
    servername: 'shop.test',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  expect(text).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\nhttps$/);
});

it('a port that carries no HTTP is passed on as bytes', async () => {
  const port = await mesh.tcp((socket) => socket.pipe(socket));
  await mesh.apply(
    service('web', port).replace('name: http, protocol: HTTP', 'name: http, protocol: TCP'),
  );
  const { address, port: outbound } = mesh.port('outbound');
  const socket = connect(outbound, address);
  socket.write('\0 not HTTP \n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('\0 not HTTP \n');
  socket.destroy();
});

it('connections that carry bytes, or nothing yet, do not keep it from closing', async () => {
  const { certificatePem, keyPem } = authority.issue('spiffe://cluster.local/gateway', 60_000);
  writeFileSync(join(folder, 'site.crt'), certificatePem);
  writeFileSync(join(folder, 'site.key'), keyPem);
  const port = await mesh.tcp((socket) => socket.pipe(socket));
  await mesh.apply(
    `${service('web', port).replace('name: http, protocol: HTTP', 'name: http, protocol: TCP')}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: https, protocol: HTTPS }, hosts: ["*"], tls: { mode: SIMPLE, serverCertificate: ${join(folder, 'site.crt')}, privateKey: ${join(folder, 'site.key')} } }]
`,
  );
  const [bytes, silent] = ['outbound', 'gateway'].map((direction) => {
    const { address, port: to } = mesh.port(direction);
    return connect(to, address).on('error', () => {});
  });
  bytes!.write('hello');
  await once(bytes!, 'data');
  const { connections } = await mesh.plane.statistics();
  expect(connections).toBe(2);
  const startMs = performance.now();
  await mesh.plane.close();
  expect(performance.now() - startMs).toBeLessThan(5000);
  for (const one of [bytes!, silent!]) one.destroy();
});

// What Envoy and the data plane make of odd paths and hosts: the same, or the data plane is stricter by name.

import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { hasParts, titleWith } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvoy, type RunningEnvoy } from './support/envoy.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

const PATHS = [
  ...Array.from({ length: 0x7e - 0x20 }, (_, i) => `/x${String.fromCharCode(0x21 + i)}y`),
  ...Array.from({ length: 256 }, (_, i) => `/x%${i.toString(16).padStart(2, '0')}y`),

  '/../../x',
  '//a/../b',
  '/a/%2e%2e/b',
  '/a/..;/b',
  '/a/.;x=1',
  '/a\\..\\b',
  '/%2%65',
  '/a?%00',
  '/a?x=/../b',
  '/x\u00e9',
];
const HOSTS = [
  ...Array.from({ length: 0x7f - 0x20 }, (_, i) => `a${String.fromCharCode(0x20 + i)}b`),
  'web, evil',
  '"web"',
  'u@web',
  '[::1]:80',
  'we\tb',
  'w\u00e9b',
];

describe.skipIf(!hasParts('envoy'))(titleWith('beside a real Envoy', 'envoy'), () => {
  let envoy: RunningEnvoy;
  let mesh: Mesh;
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    envoy = await startEnvoy({
      routes: { '/': { port } },
      jsonFormat: { path: '%REQ(:PATH)%' },
      manager: { normalize_path: true, use_remote_address: true },
    });
    mesh = await startMesh();
    await mesh.apply(`${service('web', port)}${rules('web', '- route: [{ destination: { host: web } }]')}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec: { hosts: ["*"], gateways: [gw], http: [{ route: [{ destination: { host: web } }] }] }
`);
  });
  afterAll(async () => {
    await envoy.stop();
    await mesh.close();
    server.closeAllConnections();
    server.close();
  });

  it.each(PATHS)('the path %j', async (path) => {
    expect(await ask(mesh.port('gateway'), path, 'web')).toBe(
      await ask({ address: '127.0.0.1', port: envoy.port }, path, 'web'),
    );
  });

  it.each(HOSTS)('the host %j', async (host) => {
    expect(await ask(mesh.port('gateway'), '/', host)).toBe(
      await ask({ address: '127.0.0.1', port: envoy.port }, '/', host),
    );
  });
});

/** The path as the server saw it, or the status of a refusal. */
function ask(to: { address: string; port: number }, path: string, host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(to.port, to.address);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      const status = text.slice(9, 12);
      resolve(status === '200' ? text.slice(text.indexOf('\r\n\r\n') + 4) : status);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 'latin1');
  });
}

// The mesh as a user starts it: the built program with --mesh, its data plane in a process of its own,
// and real servers that join.

import { join as joinPath } from 'node:path';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  MeshAnswer,
  MeshStatisticsAnswer,
  ServicesAnswer,
  SourcesAnswer,
  TrafficChangeAnswer,
  WorkloadJoined,
} from '@clover/model';
import { tempDir } from '@clover/test-support';
import { ask } from './support/ask.ts';
import { startClover, type Clover } from './support/clover.ts';

const MESH = `
apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {selector: {app: http-lb}, ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: http-lb}
spec:
  host: http-lb
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: http-lb}
spec:
  hosts: [http-lb]
  http:
  - match: [{headers: {x-beta: {exact: "yes"}}}]
    route: [{destination: {host: http-lb, subset: v2}}]
  - route: [{destination: {host: http-lb, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['www.sdc.com']}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: [www.sdc.com]
  gateways: [edge]
  http:
  - route: [{destination: {host: http-lb}}]
`;

let clover: Clover;
const servers: Server[] = [];
let client: WorkloadJoined['workload'];

async function join(service: string, version: string, port?: number) {
  const ports = port === undefined ? [] : [{ port: 9180, targetPort: port }];
  const { workload } = await clover.send<WorkloadJoined>('POST', '/mesh/workloads', {
    service,
    labels: { version },
    ports,
  });
  return workload;
}

const outbound = (): string => client.listeners!.outbound[0]!.address;

beforeAll(async () => {
  clover = await startClover({
    args: ['--no-demo', '--mesh', '--scrape-interval=1s', '--log-level=warn'],
  });
  await clover.send('POST', '/traffic/apply', MESH);
  for (const version of ['v1', 'v2']) {
    const server = createServer((_, response) => response.end(version));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    await join('http-lb', version, (server.address() as AddressInfo).port);
  }
  client = await join('curl', 'v1');
});
afterAll(async () => {
  await clover?.stop();
  for (const server of servers) server.close().closeAllConnections();
});

describe('the mesh', () => {
  it('sends requests where the resources say, from a sidecar, by HTTP_PROXY and through a gateway', async () => {
    expect(await ask(outbound(), { host: 'http-lb:9180' })).toEqual({ status: 200, body: 'v1' });
    expect(
      (await ask(outbound(), { host: 'http-lb:9180', headers: { 'x-beta': 'yes' } })).body,
    ).toBe('v2');
    const proxy = client.listeners!.httpProxy!.replace('http://', '');
    const whole = 'http://http-lb:9180/';
    expect(
      (await ask(proxy, { host: 'http-lb:9180', headers: { 'x-beta': 'yes' }, path: whole })).body,
    ).toBe('v2');
    const { gateways } = await clover.send<MeshAnswer>('GET', '/mesh');
    const edge = gateways[0]!.listeners[0]!.address;
    expect(await ask(edge, { host: 'www.sdc.com' })).toMatchObject({ status: 200 });
    expect((await ask(edge, { host: 'elsewhere' })).status).toBe(404);
  });

  it('takes a workload at an IP address only', async () => {
    const workload = { service: 'web', address: 'web.example', ports: [{ port: 80 }] };
    await expect(clover.send('POST', '/mesh/workloads', workload)).rejects.toThrow(
      /address: an IP address is wanted/,
    );
  });

  it('has a gateway at the same address when its resource comes back', async () => {
    const address = async () =>
      (await clover.send<MeshAnswer>('GET', '/mesh')).gateways[0]?.listeners[0]?.address;
    const before = await address();
    expect(before).toBeDefined();
    await clover.send('POST', '/traffic/delete', {
      force: true,
      resources: [{ kind: 'Gateway', name: 'edge' }],
    });
    expect(await address()).toBeUndefined();
    await clover.send('POST', '/traffic/apply', MESH);
    expect(await address()).toBe(before);
  });

  it('enforces a change when it is answered, and takes it back', async () => {
    const changed = await clover.send<TrafficChangeAnswer>(
      'POST',
      '/traffic/apply',
      MESH.replace('subset: v1}}]', 'subset: v2}}]'),
    );
    expect(changed.dataPlane).toMatchObject({ state: 'applied' });
    expect((await ask(outbound(), { host: 'http-lb:9180' })).body).toBe('v2');
    await clover.send('POST', '/traffic/undo', {});
    expect((await ask(outbound(), { host: 'http-lb:9180' })).body).toBe('v1');
  });

  it('answers with a fault that is switched on, until it is off', async () => {
    await clover.send('POST', '/traffic/faults', {
      service: 'http-lb',
      abortStatus: 418,
      for: '5m',
    });
    expect((await ask(outbound(), { host: 'http-lb:9180' })).status).toBe(418);
    await clover.send('DELETE', '/traffic/faults/default/http-lb');
    expect((await ask(outbound(), { host: 'http-lb:9180' })).status).toBe(200);
  });

  it('sends no request to a program that has left', async () => {
    await clover.send('DELETE', '/mesh/workloads/default/http-lb-v2-0');
    expect(
      (await ask(outbound(), { host: 'http-lb:9180', headers: { 'x-beta': 'yes' } })).status,
    ).toBe(503);
    await join('http-lb', 'v2', (servers[1]!.address() as AddressInfo).port);
    expect(
      (await ask(outbound(), { host: 'http-lb:9180', headers: { 'x-beta': 'yes' } })).body,
    ).toBe('v2');
  });

  it('shows in spans and metrics', async () => {
    await expect
      .poll(
        async () =>
          (await clover.send<ServicesAnswer>('GET', '/services')).items.map(
            ({ service }) => service,
          ),
        { timeout: 20_000 },
      )
      .toContain('http-lb.default');
    const mesh = await clover.send<MeshAnswer>('GET', '/mesh');
    expect(mesh).toMatchObject({ enabled: true, dataPlane: { state: 'up' }, workloads: 3 });
    const text = await (await fetch(mesh.metrics!)).text();
    expect(text).toMatch(/^istio_requests_total\{/m);
    await expect
      .poll(
        async () =>
          (await clover.send<SourcesAnswer>('GET', '/sources')).items.find(
            ({ address }) => address === `${mesh.metrics}?histograms=sums`,
          )?.state,
        { timeout: 20_000 },
      )
      .toBe('up');
    const { statistics } = await clover.send<MeshStatisticsAnswer>('GET', '/mesh/statistics');
    const v1 = statistics!.clusters.find(({ name }) => name.includes('|v1|'))!;
    expect(v1).toMatchObject({
      client: 'default/curl-v1-0',
      endpoints: [{ healthy: true, ejectedUntil: null, activeRequests: 0, tls: 'mutual' }],
    });
  });

  it('is back with the same listeners when its process was killed', async () => {
    const { dataPlane } = await clover.send<MeshAnswer>('GET', '/mesh');
    process.kill(dataPlane.pid!, 'SIGKILL');
    await expect
      .poll(
        async () => {
          const now = await clover.send<MeshAnswer>('GET', '/mesh');
          return now.dataPlane.state === 'up' && now.dataPlane.pid !== dataPlane.pid;
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    expect((await ask(outbound(), { host: 'http-lb:9180' })).body).toBe('v1');
  });
});

it('has its gateways at the same ports after a restart', async () => {
  const dir = await tempDir('clover-gateway-');
  const started = async (last: boolean, apply: boolean) => {
    const one = await startClover({
      dataDir: joinPath(dir.path, 'data'),
      args: ['--no-demo', '--mesh', '--log-level=warn'],
    });
    try {
      if (apply) await one.send('POST', '/traffic/apply', MESH);
      const { gateways } = await one.send<MeshAnswer>('GET', '/mesh');
      return gateways[0]?.listeners[0]?.address;
    } finally {
      await one.stop();
      if (last) await dir.remove();
    }
  };
  const first = await started(false, true);
  expect(first).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(await started(true, false)).toBe(first);
});

// What the data plane's own process tells of real traffic, as a Prometheus scrapes it and as its access log
// says. It must have been built: `npm run build:node`.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { tempDir } from '@clover/test-support';
import { readResources } from '@clover/traffic';
import { describe, expect, it } from 'vitest';
import { spawnDataPlane } from '../src/worker/spawn-data-plane.ts';
import { CLIENT, startMesh } from './support/mesh.ts';
import { RawClient } from './support/raw-client.ts';

const built = existsSync(fileURLToPath(new URL('../dist/worker/main.js', import.meta.url)));

const entry = (name: string, port: number, protocol: string, target: number) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  addresses: [127.0.0.0/8]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: ${port}, name: ${protocol.toLowerCase()}, protocol: ${protocol} }]
  endpoints: [{ address: 127.0.0.1, ports: { ${protocol.toLowerCase()}: ${target} } }]
`;

describe.skipIf(!built)(
  `what the process tells${built ? '' : ' (skipped: not built, npm run build:node)'}`,
  () => {
    it('counts connections and requests under the names of 2018, TCP too, and logs headers', async () => {
      const mesh = await startMesh();
      const dir = await tempDir('clover-live-');
      const log = `${dir.path}/access.log`;
      const web = await mesh.http((_, response) =>
        response.writeHead(200, { 'x-answer': 'yes' }).end('hello'),
      );
      const echo = await mesh.tcp((socket) => socket.pipe(socket));
      const plane = await spawnDataPlane({
        metrics: { address: '127.0.0.1', port: 0 },
        identities: {},
        drainMs: 200,
        telemetry: {
          accessLog: {
            to: { path: log },
            format: {
              text: '%REQ(:METHOD)% %REQ(X-TENANT)% %RESP(X-ANSWER)% %UPSTREAM_CLUSTER% %BYTES_RECEIVED% %RESPONSE_FLAGS%',
            },
          },
        },
      });
      const scrape = async () => {
        const text = await (await fetch(plane.metricsUrl!)).text();
        return (name: string, labels: readonly string[] = []) =>
          text
            .split('\n')
            .filter(
              (line) =>
                (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) &&
                labels.every((one) => line.includes(one)),
            )
            .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
      };
      try {
        const { resources } = readResources([
          {
            name: 'a.yaml',
            text:
              entry('clover-server1', 19180, 'HTTP', web) +
              entry('echo', 19181, 'TCP', echo) +
              entry('away', 19182, 'TCP', 1),
          },
        ]);
        const server = {
          ...CLIENT,
          name: 'server',
          service: 'clover-server1',
          ports: { 19180: web },
        };
        const { listeners } = await plane.apply({
          resources,
          workloads: [CLIENT, server],
          gateways: [],
        });
        const to = (port: number) =>
          listeners.find(
            (one) =>
              one.owner === 'default/client' &&
              one.direction === 'outbound' &&
              one.servicePort === port,
          )!;
        const { address, port } = to(19180);
        const client = new RawClient(address, port);
        const host = 'clover-server1:19180';
        await client.request('GET', '/', { host, 'x-tenant': 'blue' });
        const plain = 'envoy_cluster_outbound_19180__clover_server1_default_svc_cluster_local';
        const inbound = 'envoy_cluster_inbound_19180__clover_server1_default_svc_cluster_local';
        const listener = [`http_conn_manager_prefix="outbound_${address}_${port}"`];
        let value = await scrape();
        for (const one of [plain, inbound])
          expect({
            requests: value(`${one}_upstream_rq_2xx`),
            connections: value(`${one}_upstream_cx_total`),
            http1: value(`${one}_upstream_cx_http1_total`),
            active: value(`${one}_upstream_cx_active`),
            connect: value(`${one}_upstream_cx_connect_ms_count`),
          }).toEqual({ requests: 1, connections: 1, http1: 1, active: 1, connect: 1 });
        expect(value('envoy_http_downstream_cx_total', listener)).toBe(1);
        expect(value('envoy_http_downstream_cx_active', listener)).toBe(1);
        expect(value('envoy_http_downstream_rq_active')).toBe(0);
        client.close();
        await expect
          .poll(async () => (await scrape())('envoy_http_downstream_cx_active', listener))
          .toBe(0);
        await expect
          .poll(async () => (await scrape())(`${plain}_upstream_cx_rx_bytes_total`), {
            timeout: 5000,
          })
          .toBeGreaterThan(100);

        const session = http2.connect(`http://${address}:${port}`);
        const stream = session.request({ ':path': '/', ':authority': host });
        await new Promise((resolve) => stream.resume().once('end', resolve));
        expect((await scrape())('envoy_http_downstream_cx_active', listener)).toBe(1);
        session.close();
        await expect
          .poll(async () => (await scrape())('envoy_http_downstream_cx_active', listener))
          .toBe(0);

        const tcp = to(19181);
        const socket = connect(tcp.port, tcp.address);
        await new Promise((resolve) => socket.once('data', resolve).write('ping'));
        value = await scrape();
        expect(value('istio_tcp_connections_opened_total')).toBe(1);
        expect(value('istio_tcp_connections_closed_total')).toBe(0);
        expect(
          value('envoy_cluster_outbound_19181__echo_default_svc_cluster_local_upstream_cx_active'),
        ).toBe(1);
        // Bytes are told while the connection lasts.
        await expect
          .poll(async () => (await scrape())('istio_tcp_received_bytes_total'), { timeout: 5000 })
          .toBe(4);
        socket.end();
        await expect
          .poll(async () => (await scrape())('istio_tcp_connections_closed_total'))
          .toBe(1);
        const away = to(19182);
        const refused = connect(away.port, away.address);
        refused.on('error', () => {});
        await new Promise((resolve) => refused.once('close', resolve).resume());
        await expect
          .poll(async () =>
            (await scrape())('istio_tcp_connections_closed_total', ['response_flags="UF,URX"']),
          )
          .toBe(1);

        // A workload that has left takes the numbers of its listeners along.
        await plane.apply({ resources, workloads: [CLIENT], gateways: [] });
        const scraped = async () => await (await fetch(plane.metricsUrl!)).text();
        await expect.poll(scraped).not.toContain('cluster_name="inbound|19180||"');
        const inboundAt = listeners.find((one) => one.direction === 'inbound')!;
        expect(await scraped()).not.toContain(`inbound_${inboundAt.address}_19180`);
      } finally {
        await plane.close();
        await mesh.close();
      }
      const lines = (await readFile(log, 'latin1')).trim().split('\n').toSorted();
      const cluster = 'outbound|19180||clover-server1.default.svc.cluster.local';
      expect(lines).toEqual(
        [
          '- - - outbound|19181||echo.default.svc.cluster.local 4 -',
          '- - - outbound|19182||away.default.svc.cluster.local 0 UF,URX',
          'GET - yes inbound|19180|| 0 -',
          'GET blue yes inbound|19180|| 0 -',
          `GET - yes ${cluster} 0 -`,
          `GET blue yes ${cluster} 0 -`,
        ].toSorted(),
      );
      await dir.remove();
    });
  },
);

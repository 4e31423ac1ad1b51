// The data plane in its own process. It must have been built: `npm run build:node`.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@clover/test-support';
import { readResources } from '@clover/traffic';
import { describe, expect, it } from 'vitest';
import { spawnDataPlane } from '../src/worker/spawn-data-plane.ts';
import { CLIENT, service, startMesh } from './support/mesh.ts';
import { RawClient } from './support/raw-client.ts';

const built = existsSync(fileURLToPath(new URL('../dist/worker/main.js', import.meta.url)));

describe.skipIf(!built)(
  `the data plane's process${built ? '' : ' (skipped: not built, npm run build:node)'}`,
  () => {
    it('applies, counts, refuses, and is started again at the same addresses when it dies', async () => {
      const mesh = await startMesh();
      const port = await mesh.http((_, response) => response.end('hello'));
      const changes: boolean[] = [];
      const plane = await spawnDataPlane({
        metrics: { address: '127.0.0.1', port: 0 },
        drainMs: 200,
        onChange: ({ live }) => changes.push(live),
      });
      try {
        const { resources } = readResources([
          {
            name: 'test.yaml',
            text: service('web', port).replace('number: 80,', 'number: 18099,'),
          },
        ]);
        const applied = await plane.apply({ resources, workloads: [CLIENT], gateways: [] });
        expect(applied.version).toBe(1);
        const outbound = applied.listeners.find((one) => one.direction === 'outbound')!;
        const ask = async () => {
          const client = new RawClient(outbound.address, outbound.port);
          try {
            return (await client.request('GET', '/', { host: 'web' })).body;
          } finally {
            client.close();
          }
        };
        expect(await ask()).toBe('hello');
        expect((await plane.statistics()).clusters).toMatchObject([
          {
            client: 'default/client',
            endpointCount: 1,
            endpoints: [{ healthy: true, tls: 'none' }],
          },
        ]);
        const metrics = await (await fetch(plane.metricsUrl!)).text();
        expect(
          metrics.includes('outbound_18099__web_default_svc_cluster_local_upstream_rq_2xx'),
        ).toBe(true);
        await expect(
          plane.apply({
            resources,
            workloads: [CLIENT],
            gateways: [{ name: 'g', namespace: 'default', labels: {}, ports: { 80: port } }],
          }),
        ).rejects.toMatchObject({
          code: 'proxy.listen_failed',
          status: 409,
          hint: expect.any(String),
        });

        const { pid } = plane;
        process.kill(pid!, 'SIGKILL');
        await waitFor('its end to be told', () => !plane.health().live);
        await waitFor('another process', () => plane.health().live);
        expect(plane.health()).toMatchObject({ restarts: 1, version: 1 });
        expect(plane.pid).not.toBe(pid);
        expect(plane.addresses()).toEqual(applied.listeners);
        expect(await ask()).toBe('hello');
        expect(changes).toEqual([false, true]);
      } finally {
        await plane.close();
        await mesh.close();
      }
      expect(plane.pid).toBeNull();
    });
  },
);

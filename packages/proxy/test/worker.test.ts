// The data plane in its own process. It must have been built: `npm run build:node`.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

    it('leaves its end to its owner, and is closed also while another is being started', async () => {
      const changes: boolean[] = [];
      const plane = await spawnDataPlane({ onChange: ({ live }) => changes.push(live) });
      const { pid } = plane;
      process.kill(pid!, 'SIGTERM'); // as a supervisor ends a whole group
      process.kill(pid!, 'SIGINT');
      expect(await plane.statistics()).toMatchObject({ connections: 0 });
      expect(plane.pid).toBe(pid);
      process.kill(pid!, 'SIGKILL');
      await waitFor('its end', async () => changes.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 130)); // the next one has just begun
      await plane.close();
      expect(childrenOf(process.pid)).toEqual([]);
      expect(changes).toEqual([false]);
    });

    it('goes on after a mistake that nothing else caught, and ends when there are too many', async () => {
      const mesh = await startMesh();
      const port = await mesh.http((_, response) => response.end('hello'));
      const mistake = `process.on('SIGUSR2', () => { for (let i = 0; i < 10; i++) setTimeout(() => { throw new Error('a mistake') }) })`;
      const plane = await spawnDataPlane({
        metrics: { address: '127.0.0.1', port: 0 },
        drainMs: 200,
        telemetry: {},
        execArgv: [
          '--no-warnings',
          '--import',
          `data:text/javascript,${encodeURIComponent(mistake)}`,
        ],
      });
      try {
        const { resources } = readResources([
          {
            name: 'test.yaml',
            text: service('web', port).replace('number: 80,', 'number: 18098,'),
          },
        ]);
        const { listeners } = await plane.apply({ resources, workloads: [CLIENT], gateways: [] });
        const outbound = listeners.find((one) => one.direction === 'outbound')!;
        const ask = async () => {
          const client = new RawClient(outbound.address, outbound.port);
          const { body } = await client.request('GET', '/', { host: 'web' });
          client.close();
          return body;
        };
        const bugs = async () => (await plane.statistics()).bugs;
        const { pid } = plane;
        process.kill(pid!, 'SIGUSR2');
        await waitFor('the mistakes to be counted', async () => (await bugs()) === 10);
        expect(await ask()).toBe('hello');
        expect(plane.pid).toBe(pid);
        const metrics = await (await fetch(plane.metricsUrl!)).text();
        const own = [...metrics.matchAll(/^# TYPE (clover_proxy_\w+) /gm)].map(([, name]) => name);
        expect(own.length).toBeGreaterThan(5);
        for (const name of own)
          expect(metrics).toMatch(new RegExp(`^# HELP ${name} \\w.+\\.$`, 'm'));
        expect(metrics.split('\n').filter((line) => /^clover_proxy_b.* \d/.test(line))).toEqual([
          'clover_proxy_buffered_bytes{} 0',
          'clover_proxy_bodies_not_kept_total{} 0',
          'clover_proxy_bugs_total{} 10',
        ]);
        for (let i = 2; i < 10; i++) {
          process.kill(pid!, 'SIGUSR2');
          await waitFor('more mistakes', async () => (await bugs()) === i * 10);
        }
        process.kill(pid!, 'SIGUSR2');
        await waitFor('another process', () => plane.pid !== pid && plane.health().live);
        expect(plane.health()).toMatchObject({ restarts: 1 });
        expect(await ask()).toBe('hello');
      } finally {
        await plane.close();
        await mesh.close();
      }
    });
  },
);

/** Ids of the processes that this one has started and that run the data plane. */
function childrenOf(parent: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (
        Number(ppid) === parent &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker/main')
      );
    } catch {
      return false;
    }
  });
}

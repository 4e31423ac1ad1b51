// Mistakes of the proxy's own in what its timers do: one request ends, and all others go on.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { bugCount } from '../src/bug.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
let bugs: number;
/** Random numbers that are given before one is a mistake. */
let numbersLeft: number;
let recordFails: boolean;
const told: Error[] = [];
const listen = (warning: Error) => void told.push(warning);

beforeEach(async () => {
  numbersLeft = Infinity;
  recordFails = false;
  told.length = 0;
  bugs = bugCount();
  process.on('warning', listen);
  mesh = await startMesh({
    random: () => {
      if (numbersLeft-- === 0) throw new Error('a mistake while an endpoint is picked');
      return 0.5;
    },
    onRecord() {
      if (recordFails) throw new Error('a mistake while it is recorded');
    },
  });
});
afterEach(async () => {
  process.off('warning', listen);
  await mesh.close();
});

const ok = () => mesh.http((_, response) => response.end('hello'));
const randomly = (yaml: string) => yaml.replace('ROUND_ROBIN', 'RANDOM');
const delayed = `
- match: [{ uri: { prefix: /slow } }]
  fault: { delay: { fixedDelay: 100ms, percentage: { value: 100 } } }
  route: [{ destination: { host: web } }]
- route: [{ destination: { host: web } }]`;

it('after a delay: its client gets 500, the connection and all others go on', async () => {
  const port = await ok();
  await mesh.apply(randomly(service('web', port, port)) + rules('web', delayed));
  const client = mesh.client();
  numbersLeft = 1; // one says that it is delayed, the next would choose an endpoint
  expect(await client.request('GET', '/slow', { host: 'web' })).toMatchObject({
    status: 500,
    body: 'internal error',
  });
  expect(await client.request('GET', '/', { host: 'web' })).toMatchObject({ body: 'hello' });
  expect(mesh.records).toMatchObject([{ status: 500, responseFlags: 'DI' }, { status: 200 }]);
  expect(bugCount()).toBe(bugs + 1);
  await waitFor('it to be told', () => told.length === 1);
  expect(told[0]).toMatchObject({
    name: 'ProxyBug',
    message: expect.stringMatching(/while an endpoint is picked\n +at /),
  });
});

it('at a retry: its client gets 500, and nothing of it stays counted', async () => {
  const port = await mesh.http((_, response) => response.writeHead(503).end());
  const retried = `
- retries: { attempts: 3, retryOn: 5xx, backoff: 200ms }
  route: [{ destination: { host: web } }]`;
  await mesh.apply(randomly(service('web', port, port)) + rules('web', retried));
  numbersLeft = 2; // for an endpoint and for the wait, the next would choose another endpoint
  expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({
    status: 500,
    body: 'internal error',
  });
  const { clusters, bufferedBytes } = await mesh.plane.statistics();
  expect(bufferedBytes).toBe(0);
  for (const cluster of clusters) expect(cluster.requests).toBe(0);
});

it('when even the end goes wrong the stream is reset, and all others go on', async () => {
  const port = await ok();
  const aborted = `
- fault:
    delay: { fixedDelay: 100ms, percentage: { value: 100 } }
    abort: { httpStatus: 418, percentage: { value: 100 } }
  route: [{ destination: { host: web } }]`;
  await mesh.apply(service('web', port) + rules('web', aborted));
  recordFails = true;
  await expect(mesh.client().request('GET', '/', { host: 'web' })).rejects.toThrow();
  recordFails = false;
  expect(await mesh.client().request('GET', '/', { host: 'web' })).toMatchObject({ status: 418 });
});

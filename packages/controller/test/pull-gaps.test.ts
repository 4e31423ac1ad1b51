// What a pull could not get, answers own up to; what has nothing to do with them leaves them alone.

import type { Meta } from '@clover/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RealApp, startRealApp } from './support/real-app.ts';

let real: RealApp;
beforeAll(async () => {
  real = await startRealApp();
});
afterAll(() => real?.close());

const metaOf = async (path: string) => ((await real.get(`/api/v1/${path}`)) as { meta: Meta }).meta;
const post = (url: string, payload: object | Buffer, headers: Record<string, string> = {}) =>
  real.app.inject({ method: 'POST', url, payload, headers });

it('a malformed remote-write request makes answers about metrics incomplete, those about traces not', async () => {
  const type = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  // Snappy's form of nothing: a request without series.
  expect((await post('/api/v1/write', Buffer.from([0]), type)).statusCode).toBe(204);
  expect((await post('/api/v1/write', Buffer.from('no snappy'), type)).statusCode).toBe(400);
  await expect
    .poll(async () => (await metaOf('metrics/names')).complete, { timeout: 30_000 })
    .toBe(false);
  expect(await metaOf('services')).toMatchObject({ complete: true, notes: [] });
});

it('a Jaeger that is down makes answers about traces incomplete, and says why', async () => {
  await post('/api/v1/visibility/start', { sample_interval: 1, t_host: '127.0.0.1', t_port: 1 });
  await expect
    .poll(async () => (await metaOf('services')).complete, { timeout: 30_000 })
    .toBe(false);
  const { notes } = await metaOf('services');
  expect(notes.join()).toMatch(/^jaeger has not given everything from .* UTC to .* UTC: .+/);
  await post('/api/v1/visibility/stop', {});
});

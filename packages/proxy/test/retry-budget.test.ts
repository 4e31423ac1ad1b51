// How many retries may be under way: budgets of DestinationRules, and the mesh's own policy for rules that say
// nothing of retries.

import { request as httpRequest, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasParts, titleWith, waitFor } from '@clover/test-support';
import { createTelemetry, type Telemetry } from '../src/telemetry/telemetry.ts';
import { startEnvoy } from './support/envoy.ts';
import { rules, service, startMesh, type Mesh } from './support/mesh.ts';

let mesh: Mesh;
let telemetry: Telemetry;
let port: number;
let known: Set<string>;
let held: { path: string; response: ServerResponse }[];

beforeEach(async () => {
  telemetry = createTelemetry({ samplingRatio: 0 });
  mesh = await startMesh({ onRecord: (record) => telemetry.record(record) });
  held = [];
  known = new Set();
  // Says no to each request at first, and holds its retry, and what is slow, until it is told to answer.
  port = await mesh.http((request, response) => {
    const path = request.url!;
    const isFirst = !known.has(path);
    known.add(path);
    if (path.startsWith('/slow') || !isFirst) held.push({ path, response });
    else response.writeHead(503).end('no');
  });
});
afterEach(async () => {
  await mesh.close();
  await telemetry.close();
});

const budgeted = (budget: string) =>
  service('web', port).replace('trafficPolicy: {', `trafficPolicy: { retryBudget: ${budget},`);
const RETRIES = rules(
  'web',
  '- retries: { attempts: 2, retryOn: 5xx, backoff: 1ms }\n  route: [{ destination: { host: web } }]',
);
const get = (path: string) => mesh.client().request('GET', path, { host: 'web' });
const isHeld = (count: number) => waitFor(`${count} retries`, () => held.length === count);
const release = (status = 200) => held.shift()!.response.writeHead(status).end('late');
const counted = (name: string): number => {
  const lines = [...telemetry.prometheus()].join('').split('\n');
  const line = lines.find((one) => one.startsWith(`envoy_cluster_${name}{`) && one.includes('web'));
  return Number(line?.split(' ').at(-1) ?? 0);
};

describe('a retry budget', () => {
  it('leaves a retry unmade that is one too many, and counts it', async () => {
    await mesh.apply(budgeted('{ percent: 0, minRetryConcurrency: 1 }') + RETRIES);
    const first = get('/1');
    await isHeld(1);
    expect(await get('/2')).toMatchObject({ status: 503, body: 'no' });
    expect(mesh.records.at(-1)).toMatchObject({
      path: '/2',
      attempts: 1,
      responseFlags: 'UO',
      overflow: 'retry',
      responseCodeDetails: 'via_upstream',
    });
    expect(counted('upstream_rq_retry_overflow')).toBe(1);
    expect(counted('upstream_rq_pending_overflow')).toBe(0);
    expect(counted('upstream_rq_total')).toBe(1);
    // Its own next retry is none too many.
    release(503);
    await isHeld(1);
    release();
    expect(await first).toMatchObject({ status: 200, body: 'late' });
    expect(mesh.records.at(-1)).toMatchObject({ attempts: 3, responseFlags: '' });
    // There is room again.
    const third = get('/3');
    await isHeld(1);
    release();
    expect((await third).status).toBe(200);
    expect(counted('upstream_rq_retry_overflow')).toBe(1);
    expect(counted('upstream_rq_retry')).toBe(3);
  });

  it('grows with the requests that are under way', async () => {
    await mesh.apply(budgeted('{ percent: 50, minRetryConcurrency: 1 }') + RETRIES);
    const slow = ['/slow1', '/slow2', '/slow3', '/slow4'].map(get);
    await isHeld(4);
    const retried = ['/1', '/2'].map(get);
    // Of five and six requests half are two and three.
    await isHeld(6);
    expect(
      held
        .slice(4)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['/1', '/2']);
    for (let n = 0; n < 4; n++) release();
    await Promise.all(slow);
    // Of three requests half is one and a bit.
    expect((await get('/3')).status).toBe(503);
    expect(mesh.records.at(-1)).toMatchObject({ path: '/3', attempts: 1, responseFlags: 'UO' });
    release();
    release();
    expect((await Promise.all(retried)).map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe.skipIf(!hasParts('envoy'))(titleWith('a real Envoy’s budget', 'envoy'), () => {
  it.each([
    ['its least number', { percent: 0, minRetryConcurrency: 1 }, 0],
    ['a share', { percent: 50, minRetryConcurrency: 1 }, 4],
    ['a share that is not whole', { percent: 30, minRetryConcurrency: 1 }, 4],
  ])('refuses the same retries by %s', async (_, budget, slow) => {
    const { percent, minRetryConcurrency } = budget;
    const envoy = await startEnvoy({
      jsonFormat: { flags: '%RESPONSE_FLAGS%', details: '%RESPONSE_CODE_DETAILS%' },
      routes: {
        '/': {
          port,
          route: {
            retry_policy: {
              retry_on: '5xx',
              num_retries: 2,
              retry_back_off: { base_interval: '0.001s' },
            },
          },
          cluster: {
            circuit_breakers: {
              thresholds: [
                {
                  retry_budget: {
                    budget_percent: { value: percent },
                    min_retry_concurrency: minRetryConcurrency,
                  },
                },
              ],
            },
          },
        },
      },
    });
    try {
      await mesh.apply(budgeted(JSON.stringify(budget)) + RETRIES);
      const { address, port: own } = mesh.port('outbound');
      const seen = [];
      for (const to of [
        { host: address, port: own },
        { host: '127.0.0.1', port: envoy.port },
      ]) {
        const ask = (path: string) =>
          new Promise<number>((resolve, reject) => {
            httpRequest({ ...to, path, agent: false, headers: { host: 'web' } })
              .on('response', (response) =>
                response.resume().on('end', () => resolve(response.statusCode!)),
              )
              .on('error', reject)
              .end();
          });
        const waiting = Array.from({ length: slow }, (__, n) => ask(`/slow${n}`));
        await isHeld(slow);
        const statuses: string[] = [];
        // One after the other, each with its retry held or refused before the next begins.
        for (let n = 0; n < 6; n++) {
          const before = held.length;
          let status = 0;
          waiting.push(ask(`/${to.port}/${n}`).then((answered) => (status = answered)));
          await waitFor('a retry or a refusal', () => held.length > before || status !== 0);
          statuses.push(status === 0 ? 'retried' : String(status));
        }
        while (held.length > 0) release();
        await Promise.all(waiting);
        seen.push(statuses);
      }
      expect(seen[0]).toEqual(seen[1]);
      expect(seen[0]).toContain('503');
      const refused = seen[0]!.filter((one) => one === '503').length;
      expect(counted('upstream_rq_retry_overflow')).toBe(refused);
      const theirs = await waitFor('its counters', async () => {
        const text = await envoy.prometheus();
        const line = /^envoy_cluster_upstream_rq_retry_overflow\{.*\} (\d+)$/m.exec(text);
        return line && Number(line[1]) > 0 && Number(line[1]);
      });
      expect(theirs).toBe(refused);
    } finally {
      await envoy.stop();
    }
  });
});

describe('the mesh’s own retries', () => {
  it('hold for rules that say nothing and for services without rules', async () => {
    const mesh503 = { defaultHttpRetryPolicy: { attempts: 1, retryOn: '503', backoff: '1ms' } };
    const plain = service('web', port);
    const rule = rules('web', '- route: [{ destination: { host: web } }]');
    for (const [n, yaml] of [plain, plain + rule].entries()) {
      await mesh.apply(yaml, { mesh: mesh503 });
      const answer = get(`/a${n}`);
      await isHeld(1);
      release();
      expect((await answer).status).toBe(200);
    }
    // Istio's: not for a status.
    await mesh.apply(plain + rule);
    expect((await get('/b')).status).toBe(503);
    await mesh.apply(plain + rule.replace('- route', '- retries: {}\n      route'), {
      mesh: mesh503,
    });
    expect((await get('/c')).status).toBe(503);
    expect(mesh.records.at(-1)).toMatchObject({ attempts: 1 });
  });
});

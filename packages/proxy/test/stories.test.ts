// The stories in examples/, end to end: their own files, in force in the real data plane, met by curl and
// by requests in great number; behind it one small program for each service and version.

import { spawnSync, execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@clover/test-support';
import { startMesh, type Mesh } from './support/mesh.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
const filesOf = (folder: string, without?: string): string =>
  readdirSync(join(EXAMPLES, folder))
    .filter((name) => name !== without)
    .map((name) => readFileSync(join(EXAMPLES, folder, name), 'utf8'))
    .join('\n---\n');

/** Answers that say who gave them, and for which path. */
interface Told {
  readonly status: number;
  readonly by: string;
  readonly path: string;
}

let mesh: Mesh;
let seen: string[];
beforeEach(async () => {
  seen = [];
  // The same draws each time.
  let state = 7;
  mesh = await startMesh({
    random: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647,
  });
});
afterEach(() => mesh.close());

/** A program of a service in the mesh: its port, and the resource by which the mesh knows it. */
async function program(service: string, version = 'v1', listener?: Parameters<Mesh['http']>[0]) {
  const port = await mesh.http((request, response) => {
    seen.push(`${service} ${version} ${request.url}`);
    if (listener) listener(request, response);
    else response.end(JSON.stringify({ by: `${service} ${version}`, path: request.url }));
  });
  return `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ${service}-${version} }
spec: { address: 127.0.0.1, ports: { http: ${port} }, labels: { app: ${service}, version: ${version} } }
`;
}

async function ask(
  host: string,
  path = '/',
  headers: Record<string, string> = {},
  client = mesh.client(),
): Promise<Told> {
  const answer = await client.request('GET', path, { host, ...headers });
  const told = answer.status === 200 ? (JSON.parse(answer.body) as Partial<Told>) : {};
  return { by: '', path: '', ...told, status: answer.status };
}

/** How many of so many requests each program answered. */
async function shares(count: number, host: string): Promise<Record<string, number>> {
  const client = mesh.client();
  const by: Record<string, number> = {};
  for (let turn = 0; turn < count; turn++) {
    const told = await ask(host, '/', {}, client);
    by[told.by] = (by[told.by] ?? 0) + 1;
  }
  return by;
}

const HAS_CURL = spawnSync('curl', ['--version']).status === 0;

describe('the stories of the talk', () => {
  it.skipIf(!HAS_CURL)('ingress, with curl (skipped without it)', async () => {
    await mesh.apply(filesOf('ingress/mesh') + (await program('proxy-access-control')));
    const { address, port } = mesh.port('gateway');
    const curl = async (host: string) => {
      const args = ['-s', '-m', '10', '-w', '\n%{http_code}', '-H', `Host: ${host}`];
      const { stdout } = await promisify(execFile)('curl', [
        ...args,
        `http://${address}:${port}/a`,
      ]);
      return stdout;
    };
    expect(await curl('www.sdc.com')).toBe('{"by":"proxy-access-control v1","path":"/a"}\n200');
    expect(await curl('shop.example.com')).toBe('\n404');
  });

  it('routing by URI prefix and by user agent', async () => {
    await mesh.apply(
      filesOf('routing/mesh') + (await program('http-lb')) + (await program('http-lb', 'v2')),
    );
    const chrome = { 'user-agent': 'Mozilla/5.0 Chrome/142.0.0.0 Safari/537.36' };
    expect(await ask('http-lb', '/test/a', chrome)).toEqual({
      status: 200,
      by: 'http-lb v2',
      path: '/test/a',
    });
    expect(await ask('http-lb', '/test/a', { 'user-agent': 'Firefox/144' })).toMatchObject({
      by: 'http-lb v1',
      path: '/a',
    });
    expect(await ask('http-lb', '/testing', chrome)).toMatchObject({
      by: 'http-lb v1',
      path: '/testing',
    });
  });

  it('mirroring: the copy arrives, its answer is nobody’s', async () => {
    const ids = await program('snort-ids', 'v1', (_, response) => {
      response.statusCode = 500;
      response.end();
    });
    await mesh.apply(filesOf('mirroring/mesh') + (await program('http-lb')) + ids);
    expect(await ask('http-lb', '/search?q=tea')).toMatchObject({ status: 200, by: 'http-lb v1' });
    await waitFor('the copy', async () => seen.includes('snort-ids v1 /search?q=tea'));
  });

  it('weights: 20 to 80 between two services', async () => {
    // Two services choose the same label; here each has a program of its own.
    const one = (await program('http-lb', 'v1')).replace('app: http-lb,', 'app: http-lb-v1,');
    const two = (await program('http-lb', 'v2')).replace('app: http-lb,', 'app: http-lb-v2,');
    await mesh.apply(filesOf('weights/mesh') + one + two);
    const by = await shares(500, 'http-lb');
    expect(by['http-lb v1']).toBeGreaterThan(70);
    expect(by['http-lb v1']).toBeLessThan(130);
    expect(by['http-lb v1']! + by['http-lb v2']!).toBe(500);
  });

  it('a canary: 95 to 5 between subsets', async () => {
    await mesh.apply(
      filesOf('canary/mesh') + (await program('http-lb')) + (await program('http-lb', 'v2')),
    );
    const by = await shares(500, 'http-lb');
    expect(by['http-lb v2']).toBeGreaterThan(9);
    expect(by['http-lb v2']).toBeLessThan(45);
    expect(by['http-lb v1']! + by['http-lb v2']!).toBe(500);
    expect(await ask('http-lb', '/', { 'x-canary': 'always' })).toMatchObject({ by: 'http-lb v2' });
  });

  it('faults: delay and abort', async () => {
    await mesh.apply(filesOf('faults/mesh') + (await program('clover-server1')));
    expect(await ask('clover-server1', '/', { 'x-fault': 'broken' })).toMatchObject({
      status: 503,
    });
    expect(seen).toEqual([]);
    expect(await ask('clover-server1', '/', { 'x-fault': 'slow' })).toMatchObject({ status: 200 });
    expect(mesh.records.map(({ responseFlags }) => responseFlags)).toEqual(['FI', 'DI']);
    expect(mesh.records[1]!.durationMs).toBeGreaterThan(1990);
  });

  it('circuit breaking: what is too much is refused, who fails is left out', async () => {
    const waiting: (() => void)[] = [];
    let broken = false;
    const server = await program('clover-server1', 'v1', (_, response) => {
      response.statusCode = broken ? 500 : 200;
      const end = () => response.end('{}');
      if (broken) end();
      else waiting.push(end);
    });
    await mesh.apply(filesOf('circuit-breaking/mesh') + server);
    const first = ask('clover-server1', '/1');
    await waitFor('the first request', async () => waiting.length === 1);
    const many = Array.from({ length: 4 }, (_, index) => ask('clover-server1', `/more${index}`));
    await waitFor('refusals', async () => mesh.records.length === 3);
    expect(mesh.records.map(({ status, responseFlags }) => `${status} ${responseFlags}`)).toEqual([
      '503 UO',
      '503 UO',
      '503 UO',
    ]);
    waiting.shift()!();
    await waitFor('the one that waited', async () => waiting.length === 1);
    waiting.shift()!();
    expect(await first).toMatchObject({ status: 200 });
    expect((await Promise.all(many)).filter(({ status }) => status === 200)).toHaveLength(1);

    broken = true;
    for (let turn = 0; turn < 3; turn++)
      expect(await ask('clover-server1')).toMatchObject({ status: 500 });
    await waitFor('the ejection', async () => (await ask('clover-server1')).status === 503);
    expect(mesh.records.at(-1)).toMatchObject({ responseFlags: 'UH' });
  });

  it('egress by ServiceEntry: one place outside, and no other', async () => {
    const port = await mesh.http((_, response) => response.end('{"by":"outside"}'));
    const files = filesOf('egress/mesh')
      .replace('number: 80,', `number: 80, targetPort: ${port},`)
      .replace('resolution: DNS', 'resolution: STATIC\n  endpoints: [{ address: 127.0.0.1 }]');
    await mesh.apply(files);
    expect(await ask('prices.example.com', '/v1/prices')).toMatchObject({
      status: 200,
      by: 'outside',
    });
    expect(await ask('elsewhere.example.com')).toMatchObject({ status: 502 });
  });

  it('blue/green: everybody moves at once, and no request fails', async () => {
    const programs = (await program('http-lb')) + (await program('http-lb', 'v2'));
    await mesh.apply(filesOf('blue-green/mesh') + programs);
    expect(await ask('http-lb', '/', { 'x-preview': 'green' })).toMatchObject({ by: 'http-lb v2' });
    let running = true;
    const answers: Told[] = [];
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        const client = mesh.client();
        while (running) answers.push(await ask('http-lb', '/', {}, client));
      }),
    );
    await waitFor('some load', async () => answers.length > 50);
    const before = answers.length;
    // As apply does it: a resource of the same name takes the place of the one before.
    const without = filesOf('blue-green/mesh', 'virtual-service.yaml');
    await mesh.apply([without, filesOf('blue-green/green'), programs].join('\n---\n'));
    await waitFor('more load', async () => answers.length > before + 50);
    running = false;
    await load;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]).toMatchObject({ by: 'http-lb v1' });
    expect(answers.at(-1)).toMatchObject({ by: 'http-lb v2' });
  });

  it('in and out of the mesh', async () => {
    const server = await program('clover-server1');
    await mesh.apply(filesOf('in-and-out/mesh') + server);
    expect(await ask('clover-server1')).toMatchObject({ status: 200, by: 'clover-server1 v1' });
    await mesh.apply(filesOf('in-and-out/mesh'));
    expect(await ask('clover-server1')).toMatchObject({ status: 503 });
    await mesh.apply(filesOf('in-and-out/mesh') + server);
    expect(await ask('clover-server1')).toMatchObject({ status: 200 });
  });
});

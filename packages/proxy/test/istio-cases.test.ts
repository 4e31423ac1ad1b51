// 12,000 answers of a real Istio: the proxy must give every one of them, to real clients and with
// real upstreams.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { testData } from '@clover/test-support';
import type { Resource } from '@clover/traffic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataPlane } from '../src/data-plane.ts';
import { createDataPlane } from '../src/mesh/create-data-plane.ts';
import { createSampler } from '../src/telemetry/sampling.ts';
import { RawClient } from './support/raw-client.ts';

const file = testData('istio-cases/cases.json.gz');

interface Case {
  via: 'gateway' | 'sidecar';
  method: string;
  path: string;
  headers: Record<string, string>;
  answer: {
    status: number;
    headers: Record<string, string>;
    body?: string;
    up?: { port: number; path: string; headers: Record<string, string> };
  };
}

describe.skipIf(file === undefined)(
  'the recorded answers of a real Istio (CLOVER_TEST_DATA)',
  () => {
    // The body is looked at even when it is skipped.
    const text =
      file === undefined ? '{"resources":[],"cases":[]}' : gunzipSync(readFileSync(file));
    const recorded = JSON.parse(String(text)) as { resources: Resource[]; cases: Case[] };
    let plane: DataPlane;
    const servers: Server[] = [];
    const clients: Record<string, RawClient> = {};

    beforeAll(async () => {
      const portOf = new Map<number, number>();
      const resources = structuredClone(recorded.resources) as unknown as {
        kind: string;
        spec: { endpoints?: { ports?: Record<string, number> }[] };
      }[];
      // One server answers for all endpoints of a subset: 720 ports would be listened on otherwise.
      const endpoints = resources
        .filter((one) => one.kind === 'ServiceEntry')
        .flatMap((one) => one.spec.endpoints ?? []);
      for (const endpoint of endpoints) {
        const port = endpoint.ports!['http']!;
        const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
          response.setHeader('content-type', 'application/json');
          response.setHeader('x-up', 'up');
          const { url, headers } = request;
          response.end(JSON.stringify({ port, path: url, headers: interesting(headers) }));
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
        servers.push(server);
        portOf.set(port, (server.address() as AddressInfo).port);
        endpoint.ports!['http'] = portOf.get(port)!;
      }
      plane = createDataPlane({
        // No host is known beyond the mesh.
        lookup: (host, _, done) => {
          const error = Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' });
          setImmediate(done, error, '', 4);
        },
        sink: { sampler: createSampler(0), record: () => {} },
      });
      const { listeners } = await plane.apply({
        resources: resources as unknown as Resource[],
        workloads: [
          {
            name: 'sleep',
            namespace: 'default',
            service: 'sleep',
            labels: { app: 'sleep', version: 'v1' },
            serviceAccount: 'default',
            address: '127.0.0.1',
            ports: {},
          },
        ],
        gateways: [
          {
            name: 'gateway',
            namespace: 'default',
            labels: { istio: 'ingressgateway' },
            ports: { 18085: 0 },
          },
        ],
      });
      for (const [via, direction] of [
        ['gateway', 'gateway'],
        ['sidecar', 'outbound'],
      ] as const) {
        const found = listeners.find((one) => one.direction === direction)!;
        clients[via] = new RawClient(found.address, found.port);
      }
    });

    afterAll(async () => {
      for (const client of Object.values(clients)) client.close();
      await plane.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    });

    it('are all given through the proxy', async () => {
      const wrong: string[] = [];
      for (const one of recorded.cases) {
        const difference = await compare(one, clients[one.via]!);
        if (difference !== undefined) wrong.push(`${difference}\n  ${JSON.stringify(one)}`);
      }
      expect(wrong.slice(0, 10)).toEqual([]);
    });
  },
);

/** What the record holds: no header that proxies add of themselves. */
function interesting(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = ['host', 'user-agent', 'x-user', 'x-empty', 'cookie', 'x-version', 'x-add', 'x-set'];
  return Object.fromEntries(
    kept.filter((name) => name in headers).map((name) => [name, String(headers[name])]),
  );
}

async function compare(one: Case, client: RawClient): Promise<string | undefined> {
  const { answer } = one;
  const got = await client.request(one.method, one.path, one.headers);
  const said = (text: string) =>
    `${text} (${got.status} ${JSON.stringify(got.headers)} ${got.body})`;
  if (got.status !== answer.status) return said(`status ${got.status}, not ${answer.status}`);
  for (const name of ['content-type', 'x-up', 'x-radd', 'location']) {
    if (got.headers[name] !== answer.headers[name])
      return said(`${name} ${got.headers[name]}, not ${answer.headers[name]}`);
  }
  if (answer.up === undefined)
    return got.body === (answer.body ?? '') ? undefined : said(`body, not ${answer.body}`);
  const up = JSON.parse(got.body) as NonNullable<typeof answer.up>;
  if (up.path !== answer.up.path) return said(`path ${up.path}`);
  if (up.port !== answer.up.port && !sameHost(up.port, answer.up.port))
    return said(`port ${up.port}`);
  const names = new Set([...Object.keys(up.headers), ...Object.keys(answer.up.headers)]);
  for (const name of names)
    if (up.headers[name] !== answer.up.headers[name]) return said(`upstream ${name}`);
  return undefined;
}

/** Port 20000 + 3·i + k is host i, subset k: with several destinations chance decides about k. */
function sameHost(a: number, b: number): boolean {
  return Math.floor((a - 20_000) / 3) === Math.floor((b - 20_000) / 3);
}

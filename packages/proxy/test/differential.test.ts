// The random tables and requests that decisions are held to Istio with, answered by this proxy: status,
// destination, path, host and headers, from a sidecar and through a gateway.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataPlaneUnderTest } from '../../traffic/test/differential/data-plane-under-test.ts';
import { runDifferential, without } from '../../traffic/test/differential/run.ts';
import { UPSTREAM_PORTS } from '../../traffic/test/differential/world.ts';
import { EXCEPTIONS } from './support/exceptions.ts';
import { openProxyUnderTest } from './support/proxy-under-test.ts';

const servers: Server[] = [];
let proxy: DataPlaneUnderTest;

beforeAll(async () => {
  // Programs listen where there is room; each answers with the port that the tables have for it.
  const ports = new Map<string, number>();
  for (const told of UPSTREAM_PORTS) {
    const server = createServer((request, response) => {
      request.resume();
      const { method, url: path, headers } = request;
      response.setHeader('x-up', 'up');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ port: told, method, path, headers }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    ports.set(String(told), (server.address() as AddressInfo).port);
  }
  proxy = openProxyUnderTest(ports);
});
afterAll(async () => {
  await proxy.close();
  for (const server of servers) server.close().closeAllConnections();
});

it('the proxy answers random requests to random tables as decided', async () => {
  const underTest: DataPlaneUnderTest = {
    ...proxy,
    answer: async (via, request) => without(await proxy.answer(via, request), EXCEPTIONS),
  };
  const given = process.env['CLOVER_TEST_SEED'] ?? 7;
  const seed = given === 'random' ? Date.now() : Number(given);
  const run = await runDifferential(underTest, {
    seed,
    tables: 60,
    requestsPerTable: 60,
    batch: 20,
  });
  expect(run.differences.slice(0, 5), `CLOVER_TEST_SEED=${seed} repeats it`).toEqual([]);
  expect(run.compared).toBe(3600);
  expect(run.outcomes['upstream']).toBeGreaterThan(600);
});

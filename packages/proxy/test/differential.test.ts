// The random tables and requests that decisions are held to Istio with, answered by this proxy: status,
// destination, path, host and headers, from a sidecar and through a gateway.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readResources } from '@clover/traffic';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  Answer,
  DataPlaneUnderTest,
} from '../../traffic/test/differential/data-plane-under-test.ts';
import { runDifferential } from '../../traffic/test/differential/run.ts';
import { createSender } from '../../traffic/test/differential/send.ts';
import {
  GATEWAY,
  GATEWAY_PORT,
  SIDECAR,
  UPSTREAM_PORTS,
} from '../../traffic/test/differential/world.ts';
import type { DataPlane } from '../src/data-plane.ts';
import { createDataPlane } from '../src/mesh/create-data-plane.ts';
import { createSampler } from '../src/telemetry/sampling.ts';

const sender = createSender();
const servers: Server[] = [];
let plane: DataPlane;
/** Programs listen where there is room; each answers with the port that the tables have for it. */
const ports = new Map<string, number>();

beforeAll(async () => {
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
  plane = createDataPlane({
    drainMs: 100,
    lookup: (host, _, done) =>
      setImmediate(done, Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 4),
    sink: { sampler: createSampler(0), record: () => undefined },
  });
});
afterAll(async () => {
  sender.close();
  await plane.close();
  for (const server of servers) server.close().closeAllConnections();
});

/** Where this proxy does otherwise than the Envoys that the tables were made for. */
const EXCEPTIONS: readonly { readonly why: string; readonly headers: RegExp }[] = [
  {
    why: 'a trace begins here when the client brings none; Istio under test traces nothing',
    headers: /^(traceparent|tracestate)$/,
  },
];

function withoutExceptions(answer: Answer): Answer {
  if (!answer.up) return answer;
  const headers = Object.entries(answer.up.headers).filter(
    ([name]) => !EXCEPTIONS.some((one) => one.headers.test(name)),
  );
  return { ...answer, up: { ...answer.up, headers: Object.fromEntries(headers) } };
}

const underTest: DataPlaneUnderTest = {
  gatewayApi: true,
  async apply(resources) {
    const texts = resources.map((one) => JSON.stringify(one));
    const read = (list: readonly string[]) =>
      readResources([{ name: 'table.yaml', text: list.join('\n---\n') }]).resources;
    const moved = texts.map((one) =>
      one.replace(/\b18[0-9]{3}\b/g, (port) => String(ports.get(port) ?? port)),
    );
    await plane.apply({
      resources: read(moved),
      workloads: [
        {
          name: 'sleep',
          namespace: SIDECAR.namespace,
          service: 'sleep',
          labels: SIDECAR.labels,
          serviceAccount: 'default',
          address: '127.0.0.1',
          ports: {},
        },
      ],
      gateways: [
        {
          name: 'gateway',
          namespace: GATEWAY.namespace,
          labels: GATEWAY.labels,
          ports: { [GATEWAY_PORT]: 0 },
        },
      ],
    });
    return [...read(texts)];
  },
  async answer(via, request): Promise<Answer> {
    const direction = via === 'gateway' ? 'gateway' : 'outbound';
    const at = plane
      .addresses()
      .find((one) => one.direction === direction && one.servicePort === request.port);
    // Istio's listeners stay; here a port that no service has is not listened at.
    if (!at) throw new Error(`no ${direction} listener at ${request.port}`);
    return withoutExceptions(await sender.send({ host: at.address, port: at.port }, request));
  },
  close: async () => undefined,
};

it('the proxy answers random requests to random tables as decided', async () => {
  const run = await runDifferential(underTest, {
    seed: Number(process.env['CLOVER_TEST_SEED'] ?? 7),
    tables: 60,
    requestsPerTable: 60,
    batch: 20,
  });
  expect(run.differences.slice(0, 5)).toEqual([]);
  expect(run.compared).toBe(3600);
  expect(run.outcomes['upstream']).toBeGreaterThan(600);
});

import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { checkEndpoint } from '../src/upstream/health-checker.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) one.close();
});
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const PROBE = {
  port: undefined,
  initialDelayMs: 0,
  intervalMs: 1000,
  timeoutMs: 300,
  unhealthyThreshold: 1,
  healthyThreshold: 1,
};
const http = { path: '/healthz', host: 'me', headers: { 'x-a': 'b' } };

it('asks over HTTP, with path, host and headers', async () => {
  const seen: unknown[] = [];
  const port = await listen(
    createHttpServer((request, response) => {
      seen.push([request.url, request.headers.host, request.headers['x-a']]);
      response.writeHead(seen.length === 1 ? 204 : 503).end();
    }),
  );
  const target = { address: '127.0.0.1', port, probe: { ...PROBE, http } };
  expect(await checkEndpoint(target)).toBe('passed');
  expect(await checkEndpoint(target)).toBe('wrongStatus');
  expect(seen[0]).toEqual(['/healthz', 'me', 'b']);
});

it('gives up on an endpoint that does not answer or does not listen', async () => {
  const port = await listen(createServer((socket) => void socket.resume()));
  const target = { address: '127.0.0.1', port, probe: { ...PROBE, http } };
  expect(await checkEndpoint(target)).toBe('unreachable');
  expect(await checkEndpoint({ ...target, probe: { ...PROBE, http: undefined } })).toBe('passed');
  await new Promise((done) => servers.pop()!.close(done));
  expect(await checkEndpoint({ ...target, probe: { ...PROBE, http: undefined } })).toBe(
    'unreachable',
  );
});

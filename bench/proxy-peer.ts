// A Node proxy that does nothing but pass on, in a process of its own: `NAME UPSTREAM_PORT`. Prints its port.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import replyFrom from '@fastify/reply-from';
import fastify from 'fastify';
import { createProxyServer } from 'http-proxy-3';
import http from 'node:http';

const [name, port] = process.argv.slice(2);
const upstream = `http://127.0.0.1:${port}`;

if (name === 'http-proxy-3') {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const proxy = createProxyServer({ target: upstream, agent });
  const server = createServer((request, response) => void proxy.web(request, response));
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
} else {
  const app = fastify();
  await app.register(replyFrom, { base: upstream, undici: { connections: 128, pipelining: 1 } });
  app.all('/*', (_request, reply) => reply.from());
  await app.listen({ port: 0, host: '127.0.0.1' });
  console.log((app.server.address() as AddressInfo).port);
}

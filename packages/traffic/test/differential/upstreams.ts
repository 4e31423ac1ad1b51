// The programs behind all services: each answers with what it saw.

import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { UPSTREAM_PORTS } from './world.ts';

export async function openUpstreams(): Promise<{ close(): Promise<void> }> {
  const servers: Server[] = [];
  for (const port of UPSTREAM_PORTS) {
    const server = createServer((request, response) => {
      request.resume();
      const seen = { port, method: request.method, path: request.url, headers: request.headers };
      response.setHeader('x-up', 'up');
      response.setHeader('content-type', 'application/json');
      // A body would be lost for HEAD only, which nobody sends.
      response.end(JSON.stringify(seen));
    });
    server.keepAliveTimeout = 60_000;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  return {
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

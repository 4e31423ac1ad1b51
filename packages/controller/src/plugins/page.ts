// The built page: hashed files for ever, index.html never cached, any other path is the page too.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const MISSING = `<!doctype html><meta charset="utf-8"><title>Clover</title><p>The page is not built yet. Run <code>npm run build</code>, then load this again. The API is at <a href="/api/docs">/api/docs</a>.</p>`;

export function registerPage(app: FastifyInstance, folder: string | undefined): void {
  const index = folder === undefined ? undefined : join(folder, 'index.html');
  if (folder === undefined || index === undefined || !existsSync(index)) {
    app.get('/', (_, reply) => reply.type('text/html').send(MISSING));
    return;
  }
  const html = readFileSync(index);
  void app.register(fastifyStatic, {
    root: folder,
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.setHeader(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.get('/*', (request, reply) => {
    if (request.url.startsWith('/api/') || /\.\w{2,5}$/.test(request.url.split('?')[0]!))
      return reply.callNotFound();
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html);
  });
}

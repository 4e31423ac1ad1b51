// GET /api/docs: the API as a page of its own, which reads /api/openapi.json. Its files lie in assets/.

import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const FILES = {
  '/api/docs': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/api/docs/docs.css': { file: 'docs.css', type: 'text/css; charset=utf-8' },
  '/api/docs/docs.js': { file: 'docs.js', type: 'text/javascript; charset=utf-8' },
  '/api/docs/dom.js': { file: 'dom.js', type: 'text/javascript; charset=utf-8' },
  '/api/docs/schema.js': { file: 'schema.js', type: 'text/javascript; charset=utf-8' },
  '/api/docs/try.js': { file: 'try.js', type: 'text/javascript; charset=utf-8' },
  '/api/docs/theme.js': { file: 'theme.js', type: 'text/javascript; charset=utf-8' },
  '/api/docs/clover.svg': { file: 'clover.svg', type: 'image/svg+xml' },
} as const;

export function registerDocs(app: FastifyInstance): void {
  for (const [path, { file, type }] of Object.entries(FILES)) {
    app.get(path, (_, reply) =>
      reply
        .type(type)
        .header('cache-control', 'no-cache')
        .send(readFileSync(new URL(`../../assets/docs/${file}`, import.meta.url))),
    );
  }
}

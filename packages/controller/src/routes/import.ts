// POST /api/v1/import: a file of spans or metrics as the body, whatever its size.

import { CloverError, ImportQuery } from '@clover/model';
import type { FastifyInstance } from 'fastify';
import { problemOf } from '../plugins/problem.ts';
import type { AppDeps } from '../deps.ts';
import { clientSignal } from './gate.ts';
import { API, parseQuery } from './register.ts';

/** Answers with ImportAnswer; with `Accept: application/x-ndjson` first with progress, a line each, last `{"answer"|"problem": …}`. */
export function registerImport(app: FastifyInstance, deps: AppDeps): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    scope.post(
      `${API}/import`,
      { bodyLimit: deps.limits.importBytes, config: { role: 'operator' } },
      async (request, reply) => {
        const query = parseQuery(ImportQuery, request.query as Record<string, unknown>);
        const { signal } = clientSignal(request);
        const limit = deps.limits.importBytes;
        if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
        // Not destroyed when reading ends early: the answer still has to go out.
        const body = limited(request.raw.iterator({ destroyOnReturn: false }), limit);
        if (!(request.headers.accept ?? '').includes('application/x-ndjson'))
          return deps.importer.run(body, query, { signal });
        reply.hijack();
        reply.raw.writeHead(200, {
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
        });
        const line = (value: unknown) => reply.raw.write(`${JSON.stringify(value)}\n`);
        let lastMs = 0;
        try {
          const answer = await deps.importer.run(body, query, {
            signal,
            onProgress(progress) {
              if (Date.now() - lastMs < 100) return;
              lastMs = Date.now();
              line({ progress });
            },
          });
          line({ answer });
        } catch (error) {
          line({ problem: problemOf(error, request.url) });
        }
        reply.raw.end();
        return reply;
      },
    );
  });
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > limit) throw tooLarge(limit);
    yield chunk;
  }
}

const tooLarge = (limit: number): CloverError =>
  new CloverError('api.import_too_large', `the file is larger than ${limit} bytes`, {
    hint: 'raise --max-import or split the file',
    status: 413,
  });

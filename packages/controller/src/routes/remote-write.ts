// POST /api/v1/write: Prometheus' remote write, where Prometheus itself serves it.

import type { RemoteWriteHandler } from '@clover/collector';
import type { FastifyInstance } from 'fastify';

export function registerRemoteWrite(app: FastifyInstance, handle: RemoteWriteHandler): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    scope.post(
      '/api/v1/write',
      // The handler unpacks snappy itself; the app's own decompression knows only HTTP's encodings.
      { bodyLimit: 32 << 20, decompress: false, config: { role: 'operator' } },
      async (request, reply) => {
        const { status, headers, body } = await handle({
          headers: request.headers,
          body: (request.body as Uint8Array | undefined) ?? new Uint8Array(),
        });
        return reply
          .status(status)
          .headers(headers)
          .send(body === '' ? null : body);
      },
    );
  });
}

import type { FastifyInstance } from 'fastify';
import type { VersionAnswer } from '@clover/model';
import type { AppDeps } from '../deps.ts';

/** /livez, /readyz, /version, /metrics: without a token, except metrics. */
export function registerHealth(app: FastifyInstance, deps: AppDeps): void {
  app.get('/livez', (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', async (_, reply) => {
    const reasons = await deps.notReady();
    return reply
      .status(reasons.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
  });
  app.get('/version', async (): Promise<VersionAnswer> => {
    const { engine, schema } = await deps.store.info();
    return {
      name: 'clover',
      version: deps.version,
      engine,
      store: deps.store.kind,
      schema,
      node: process.version,
      startedAt: deps.startedAt.toISOString(),
    };
  });
  app.get('/metrics', { config: { role: 'viewer' } }, async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await deps.metrics()),
  );
}

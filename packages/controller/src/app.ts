// The app: everything that answers HTTP, apart from the process that runs it.

import compress from '@fastify/compress';
import fastify, { type FastifyInstance } from 'fastify';
import type { AppDeps } from './deps.ts';
import { registerGuard } from './plugins/guard.ts';
import { registerPage } from './plugins/page.ts';
import { registerProblems } from './plugins/problem.ts';
import { registerJaegerApi } from './jaeger/routes.ts';
import { registerOriginalPaths } from './original/routes.ts';
import { registerOriginalServicePaths } from './original/service-routes.ts';
import { analysisEndpoints } from './routes/analysis.ts';
import { controlEndpoints } from './routes/control.ts';
import { registerDocs } from './routes/docs.ts';
import { registerEvents } from './routes/events.ts';
import { createGate } from './routes/gate.ts';
import { registerHealth } from './routes/health.ts';
import { registerImport } from './routes/import.ts';
import { meshEndpoints } from './routes/mesh.ts';
import { metricEndpoints } from './routes/metrics.ts';
import { openapi } from './routes/openapi.ts';
import { registerEndpoints } from './routes/register.ts';
import { registerRemoteWrite } from './routes/remote-write.ts';
import { observedTrafficEndpoints } from './routes/observed-traffic.ts';
import { sampleSystemEndpoints } from './routes/sample-system.ts';
import { serviceEndpoints } from './routes/services.ts';
import { traceEndpoints } from './routes/traces.ts';
import { trafficEndpoints } from './routes/traffic.ts';

export const ENDPOINTS = [
  ...analysisEndpoints,
  ...traceEndpoints,
  ...observedTrafficEndpoints,
  ...metricEndpoints,
  ...controlEndpoints,
  ...trafficEndpoints,
  ...meshEndpoints,
  ...serviceEndpoints,
  ...sampleSystemEndpoints,
];

/** The app over its dependencies; listen on it, or `inject` into it. */
export function createApp(deps: AppDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: deps.limits.bodyBytes,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    ...(deps.https && { https: { cert: deps.https.cert, key: deps.https.key } }),
  }) as FastifyInstance;
  endInTime(app);
  registerProblems(app, deps);
  registerGuard(app, deps);
  void app.register(compress, {
    threshold: 2048,
    encodings: ['gzip', 'deflate'],
    zlibOptions: { level: 4 },
  });
  void app.register(async (scope) => {
    const gate = createGate(deps);
    registerEndpoints(scope, gate, ENDPOINTS);
    registerJaegerApi(scope, deps, gate);
    registerOriginalPaths(scope, gate);
    void scope.register(async (forms) => registerOriginalServicePaths(forms, gate));
    registerEvents(scope, deps.events);
    registerImport(scope, deps);
    registerRemoteWrite(scope, deps.remoteWrite);
    registerHealth(scope, deps);
    let document: object | undefined;
    scope.get('/api/openapi.json', () => (document ??= openapi(ENDPOINTS, deps.version)));
    registerDocs(scope);
    registerPage(scope, deps.page);
  });
  return app;
}

/** What is under way may finish; a client that never ends must not hold the process. */
const GRACE_MS = 4000;

function endInTime(app: FastifyInstance): void {
  app.addHook('preClose', (done) => {
    setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref();
    done();
  });
}

// clover-server: a small shop. It serves its site, answers a few routes with ids, takes uploads, and
// works as fast and as well as its behaviour says.
import { SpanStatusCode } from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig } from './config.ts';
import type { Exchange, Handler } from './http-service.ts';
import { type Random, workMs } from './random.ts';
import { type Route, routeOf } from './routes.ts';
import { readSiteFile } from './static-files.ts';
import type { Telemetry } from './telemetry.ts';

const SITE = fileURLToPath(new URL('../site', import.meta.url));
const MAX_UPLOADS = 64;

/** How much work a route is, relative to the server's median. */
const EFFORT: Readonly<Partial<Record<Route, number>>> = {
  '/': 0.4,
  '/assets/{file}': 0.2,
  '/home': 0.1,
  '/upload-test': 0.5,
  '/catalog': 1.6,
  '/search': 4,
  '/users/{id}/orders': 2.2,
};

interface Upload {
  readonly name: string;
  readonly contentType: string;
  readonly md5: string;
  readonly sizeBytes: number;
}

class PriceMissingError extends Error {
  override readonly name = 'PriceMissingError';
}

export function createCloverServer(
  config: ServerConfig,
  telemetry: Telemetry,
  random: Random = Math.random,
): Handler {
  const uploads = new Map<string, Upload>();
  const site = { ...config, siteRoot: config.siteRoot ?? SITE };

  return async (exchange) => {
    const route = routeOf(exchange.path);
    if (route !== undefined) exchange.setRoute(route);
    const durationMs =
      route === '/search' && random() < config.behaviour.stallRatio
        ? config.behaviour.stallMs
        : workMs(config.behaviour.medianMs, config.behaviour.sigma, random) *
          ((route && EFFORT[route]) ?? 1);
    if (route !== undefined) await work(exchange, telemetry, route, durationMs, config, random);
    if (exchange.path.startsWith(config.uploadPathConfig)) {
      if (exchange.method === 'POST' || exchange.method === 'PUT') keep(exchange, uploads);
      else json(exchange, 200, [...uploads.values()]);
    } else if (exchange.path === config.uploadPathTest) {
      exchange.response.writeHead(204).end();
    } else if (exchange.path === '/home') {
      exchange.response.writeHead(302, { location: '/' }).end();
    } else if (route === '/' || route === '/assets/{file}' || route === undefined) {
      const file = await readSiteFile(site, exchange.path);
      if (!file) json(exchange, 404, { error: 'not found', path: exchange.path });
      else exchange.response.writeHead(200, { 'content-type': file.type }).end(file.content);
    } else {
      json(
        exchange,
        exchange.method === 'POST' ? 201 : 200,
        answerOf(route, exchange, config.name),
      );
    }
  };
}

/** The time that the answer takes, as a span of its own; throws what goes wrong in it. */
async function work(
  exchange: Exchange,
  telemetry: Telemetry,
  route: Route,
  durationMs: number,
  config: ServerConfig,
  random: Random,
): Promise<void> {
  const span = telemetry.tracer.startSpan(
    `render ${route}`,
    { attributes: { 'code.function.name': 'render' } },
    exchange.context,
  );
  try {
    await sleep(durationMs);
    if (route === '/products/{id}' && random() < config.behaviour.errorRatio)
      throw new PriceMissingError(`product ${exchange.path.split('/')[2]} has no price`);
  } catch (error) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
    throw error;
  } finally {
    span.end();
  }
}

function keep(exchange: Exchange, uploads: Map<string, Upload>): void {
  const name = exchange.path.slice(exchange.path.lastIndexOf('/') + 1);
  const upload: Upload = {
    name,
    contentType: exchange.request.headers['content-type'] ?? 'application/octet-stream',
    md5: createHash('md5').update(exchange.body).digest('hex'),
    sizeBytes: exchange.body.length,
  };
  uploads.delete(name);
  uploads.set(name, upload);
  const oldest = uploads.keys().next().value;
  if (uploads.size > MAX_UPLOADS && oldest !== undefined) uploads.delete(oldest);
  json(exchange, 201, upload);
}

function answerOf(route: Route, exchange: Exchange, server: string): unknown {
  const id = exchange.path.split('/')[2];
  if (route === '/catalog')
    return { server, products: Array.from({ length: 20 }, (_, index) => ({ id: 1000 + index })) };
  if (route === '/search')
    return { server, query: exchange.target.split('?q=')[1] ?? '', found: [1000, 1007, 1013] };
  return { server, id, path: exchange.path };
}

function json(exchange: Exchange, status: number, body: unknown): void {
  exchange.response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(body));
}

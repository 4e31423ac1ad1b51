// clover-server: a small shop. It serves its site, answers a few routes with ids, takes uploads, and
// works as fast and as well as its behaviour says.
import { SpanStatusCode } from '@opentelemetry/api';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig } from './config.ts';
import type { Exchange, Handler } from './http-service.ts';
import { type Random, workMs } from './random.ts';
import { type Route, routeOf } from './routes.ts';
import { readSiteFile } from './static-files.ts';
import type { Telemetry } from './telemetry.ts';
import { uploadedFiles, type Upload, type UploadFacts, type Uploads } from './uploads.ts';

const SITE = fileURLToPath(new URL('../site', import.meta.url));

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

class PriceMissingError extends Error {
  override readonly name = 'PriceMissingError';
}

/** What the server serves now; one look at it per request. */
export interface ServerSite {
  current(): { readonly config: ServerConfig; readonly published: ReadonlyMap<string, Upload> };
  readonly uploads: Uploads;
  /** Told of each file that is kept. */
  readonly onUpload: (upload: UploadFacts) => void;
}

export function createCloverServer(
  site: ServerSite,
  telemetry: Telemetry,
  random: Random = Math.random,
): Handler {
  return async (exchange) => {
    const { config, published } = site.current();
    const route = routeOf(exchange.path);
    if (route !== undefined) exchange.setRoute(route);
    const durationMs =
      route === '/search' && random() < config.behaviour.stallRatio
        ? config.behaviour.stallMs
        : workMs(config.behaviour.medianMs, config.behaviour.sigma, random) *
          ((route && EFFORT[route]) ?? 1);
    if (route !== undefined) await work(exchange, telemetry, route, durationMs, config, random);
    const shown = published.get(exchange.path);
    if (shown) {
      exchange.response
        .writeHead(200, { 'content-type': shown.facts.contentType })
        .end(shown.content);
    } else if (exchange.path === config.uploadPathTest) {
      exchange.response.writeHead(204).end();
    } else if (isBelow(exchange.path, config.uploadPathConfig)) {
      if (exchange.method === 'POST' || exchange.method === 'PUT')
        await keep(exchange, config.uploadPathConfig, site);
      else json(exchange, 200, site.uploads.list());
    } else if (exchange.path === '/home') {
      exchange.response.writeHead(302, { location: '/' }).end();
    } else if (route === '/' || route === '/assets/{file}' || route === undefined) {
      const file = await readSiteFile(
        { ...config, siteRoot: config.siteRoot ?? SITE },
        exchange.path,
      );
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

async function keep(
  exchange: Exchange,
  folder: string,
  { uploads, onUpload }: ServerSite,
): Promise<void> {
  const contentType = exchange.request.headers['content-type'];
  const files = await uploadedFiles(exchange.body, contentType, exchange.path);
  if (files === undefined || files.length === 0) {
    json(exchange, 400, { error: 'the form holds no file' });
    return;
  }
  const kept = files.map((file) => uploads.keep(file, folder));
  const answers = kept.map(({ facts }) => facts);
  for (const facts of answers) onUpload(facts);
  json(exchange, 201, answers.length === 1 ? answers[0] : answers);
}

/** `/upload` holds `/upload` and `/upload/x`, not `/upload_test`. */
function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
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

// The real app over a real store in a folder of its own, without a process around it.

import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Span } from '@clover/model';
import { createSpanWriter } from '@clover/collector';
import { openStore, type Store } from '@clover/store';
import { tempDir } from '@clover/test-support';
import { createApp } from '../../src/app.ts';
import type { AppDeps } from '../../src/deps.ts';
import { createEventHub, type EventHub } from '../../src/events/event-hub.ts';
import { type Collection, createCollection } from '../../src/process/collect.ts';
import { openMesh } from '../../src/mesh/mesh.ts';
import { createDemo } from '../../src/process/demo.ts';
import { createImporter } from '../../src/process/importer.ts';
import { sourcesOf } from '../../src/sources/sources.ts';
import { createServicesControl } from '../../src/services/services-control.ts';
import { createVisibility } from '../../src/visibility/visibility.ts';

export interface RealApp {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly events: EventHub;
  readonly collection: Collection;
  /** Resolves when the spans are in the store. */
  write(spans: readonly Span[]): Promise<void>;
  /** The JSON of a GET that must succeed. */
  get<Answer>(url: string): Promise<Answer>;
  close(): Promise<void>;
}

/** One at a time: the engine opens one data directory a process. */
export async function startRealApp(
  changes: Partial<AppDeps> | ((store: Store) => Partial<AppDeps>) = {},
): Promise<RealApp> {
  const dir = await tempDir('clover-app-');
  const store = await openStore({ dataDir: join(dir.path, 'data') });
  const events = createEventHub();
  const collection = createCollection(
    {
      host: '127.0.0.1',
      otlpGrpcPort: 0,
      otlpHttpPort: 0,
      zipkinPort: 0,
      scrape: [],
      scrapeIntervalMs: 15_000,
      logger: { warn: () => {} },
    },
    store,
    store,
    events,
  );
  const visibility = await createVisibility(store, collection, events, {
    logger: { warn: () => {} },
  });
  const mesh = await openMesh({
    folder: join(dir.path, 'traffic'),
    events,
    onError: (error) => {
      throw error;
    },
  });
  const addresses = { controller: '', otlpHttp: '', otlpGrpc: '', zipkin: '' };
  const services = createServicesControl({}, { store, events });
  const demo = createDemo({
    collection,
    services,
    mesh,
    events,
    logger: { warn: () => {} },
    inMesh: false,
    ratePerSecond: 1,
  });
  const app = createApp({
    store,
    events,
    visibility,
    mesh,
    services,
    demo,
    sources: () => sourcesOf(collection, visibility, addresses, Date.now()),
    importer: createImporter(collection),
    remoteWrite: collection.remoteWrite,
    config: () => ({ items: [], files: [] }),
    version: '0.0.0-test',
    startedAt: new Date(),
    notReady: async () => [],
    metrics: async () => '',
    limits: {
      queryTimeoutMs: 30_000,
      concurrentQueries: 32,
      bodyBytes: 1 << 20,
      importBytes: 1 << 30,
    },
    ...(typeof changes === 'function' ? changes(store) : changes),
  });
  const writeSpans = createSpanWriter(collection.pipeline, 'test');
  return {
    app,
    store,
    events,
    collection,
    async write(spans) {
      await writeSpans(spans);
    },
    async get<Answer>(url: string) {
      const response = await app.inject(url);
      if (response.statusCode !== 200)
        throw new Error(`${url}: ${response.statusCode} ${response.body}`);
      return response.json<Answer>();
    },
    async close() {
      await app.close();
      await demo.close();
      await mesh.close();
      await visibility.close();
      await collection.close();
      await store.close();
      await dir.remove();
    },
  };
}

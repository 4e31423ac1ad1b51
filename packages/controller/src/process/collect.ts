// The collector put together: pipeline, queues, receivers, scraper.

import {
  createDeltaAccumulator,
  createMetricQueue,
  createOtlpGrpcReceiver,
  createOtlpHttpReceiver,
  createPipeline,
  createPrometheusScraper,
  createRefusalRecorder,
  createRemoteWriteHandler,
  createSourceMeter,
  createZipkinReceiver,
  decodeOtlpMetrics,
  type Authorize,
  type MetricQueue,
  type Receiver,
  type RemoteWriteHandler,
  type Scraper,
  type SourceMeter,
  type SpanPipeline,
  type SpanSink,
} from '@clover/collector';
import type { Signal } from '@clover/model';
import type { Store } from '@clover/store';
import type { Logger } from 'pino';
import type { EventHub } from '../events/event-hub.ts';
import { gapNotKept } from '../visibility/gap-recorder.ts';
import { createScrapeGaps } from './scrape-gaps.ts';

export interface CollectOptions {
  readonly host: string;
  readonly otlpGrpcPort: number;
  readonly otlpHttpPort: number;
  readonly zipkinPort: number;
  readonly scrape: readonly string[];
  readonly scrapeIntervalMs: number;
  /** Why somebody may not send; everybody may without it. */
  readonly authorize?: Authorize | undefined;
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Where metrics are scraped, and whose they are. */
export interface ScrapeTarget {
  readonly name: string;
  readonly url: string;
}

export interface Collection {
  readonly pipeline: SpanPipeline;
  readonly metrics: MetricQueue;
  readonly receivers: {
    readonly otlpGrpc: Receiver;
    readonly otlpHttp: Receiver;
    readonly zipkin: Receiver;
  };
  readonly scraper: Scraper;
  readonly remoteWrite: RemoteWriteHandler;
  /** Meters of the ways in that are no listeners of their own. */
  readonly meters: Readonly<
    Record<'remoteWrite' | 'import' | 'jaeger' | 'prometheus', SourceMeter>
  >;
  /** Further targets of the scraper, beside those of the settings. */
  addScrapeTargets(targets: readonly ScrapeTarget[]): Promise<void>;
  /** Those of the demo, in place of the ones before; none when it is gone. */
  setDemoTargets(targets: readonly ScrapeTarget[]): Promise<void>;
  /** Names of targets by their URL, of those that have one. */
  readonly scrapeNames: ReadonlyMap<string, string>;
  /** Where programs that Clover itself starts send to: on loopback, without token or TLS. */
  localOtlpHttp(): Promise<string>;
  /** The receiver behind localOtlpHttp(), where it is one of its own. */
  local(): Receiver | undefined;
  start(): Promise<void>;
  /** Listeners first, then what they took is made durable. */
  close(): Promise<void>;
}

export function createCollection(
  options: CollectOptions,
  store: Store,
  spans: SpanSink,
  events: EventHub,
): Collection {
  const refusals = createRefusalRecorder({ sink: store });
  const onRefusal = refusals.add;
  const pipeline = createPipeline({ sink: spans });
  const metrics = createMetricQueue({ sink: store });
  const deltas = createDeltaAccumulator();
  const otlpMetrics = {
    queue: metrics,
    decode: (bytes: Uint8Array, encoding: 'protobuf' | 'json', source: string) =>
      decodeOtlpMetrics(bytes, encoding, { source, deltas }),
  };
  const { host, authorize, tls } = options;
  const common = { host, authorize, tls, pipeline, onRefusal };
  const receivers = {
    otlpGrpc: createOtlpGrpcReceiver({
      ...common,
      port: options.otlpGrpcPort,
      metrics: otlpMetrics,
    }),
    otlpHttp: createOtlpHttpReceiver({
      ...common,
      port: options.otlpHttpPort,
      metrics: otlpMetrics,
    }),
    zipkin: createZipkinReceiver({ ...common, port: options.zipkinPort }),
  };
  const meter = (id: string, signal: Signal) => createSourceMeter({ id, signal, onRefusal });
  const meters = {
    remoteWrite: meter('remote-write', 'metrics'),
    import: meter('import', 'traces'),
    jaeger: meter('jaeger', 'traces'),
    prometheus: meter('prometheus', 'metrics'),
  };
  const queued = { writeMetrics: metrics.submit };
  const targets = options.scrape.map(scrapeUrl);
  let demoTargets: readonly string[] = [];
  const gaps = createScrapeGaps(store, gapNotKept(options.logger));
  const scrapeAll = async () => {
    const urls = [...targets, ...demoTargets];
    await scraper.setTargets(urls.map((url) => ({ url })));
    await gaps.keep(urls);
  };
  const scrapeNames = new Map<string, string>();
  const named = (list: readonly ScrapeTarget[]) =>
    list.map(({ name, url }) => {
      const target = scrapeUrl(url);
      scrapeNames.set(target, name);
      return target;
    });
  const scraper = createPrometheusScraper({
    targets: targets.map((url) => ({ url })),
    sink: queued,
    intervalMs: options.scrapeIntervalMs,
    onScrape: gaps.note,
    onChange: ({ url, state, error }) =>
      events.publish({ type: 'source', id: `scrape:${url}`, state, detail: error ?? 'answers' }),
  });
  const remoteWrite = createRemoteWriteHandler({
    sink: queued,
    onResult({ points, refused, newestUnixMs, error }) {
      if (error === null) meters.remoteWrite.accept({ points, newestUnixMs: newestUnixMs ?? 0 });
      for (const { reason, count } of refused)
        meters.remoteWrite.refuse(reason, count, error ?? reason);
    },
  });
  const listeners: Receiver[] = Object.values(receivers);
  let local: Receiver | undefined;
  return {
    pipeline,
    metrics,
    receivers,
    scraper,
    remoteWrite,
    meters,
    scrapeNames,
    async addScrapeTargets(further) {
      targets.push(...named(further));
      await scrapeAll();
    },
    async setDemoTargets(list) {
      for (const one of demoTargets) scrapeNames.delete(one);
      demoTargets = named(list);
      await scrapeAll();
    },
    async localOtlpHttp() {
      if (!authorize && !tls) return receivers.otlpHttp.address();
      if (!local) {
        local = createOtlpHttpReceiver({
          id: 'otlp-http-local',
          port: 0,
          pipeline,
          metrics: otlpMetrics,
          onRefusal,
        });
        listeners.push(local);
        await local.start();
      }
      return local.address();
    },
    local: () => local,
    async start() {
      await Promise.all(listeners.map((one) => one.start()));
      scraper.start();
    },
    async close() {
      await Promise.all([...listeners.map((one) => one.close()), scraper.close()]);
      await gaps.keep([]);
      await Promise.all([pipeline.close(), metrics.close()]);
      await refusals.close();
    },
  };
}

/** `host:port` is short for http://host:port/metrics. */
export function scrapeUrl(target: string): string {
  const url = new URL(/^https?:\/\//.test(target) ? target : `http://${target}`);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url.href;
}

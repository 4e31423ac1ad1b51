// The composition root: store, collector, visibility, app, demo, in this order; down in the other.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloverError } from '@clover/model';
import { openStore } from '@clover/store';
import { createApp } from '../app.ts';
import type { Config } from '../config/load.ts';
import { isLoopback } from '../config/values.ts';
import { createEventHub } from '../events/event-hub.ts';
import { ownMetrics } from '../metrics.ts';
import { sourcesOf } from '../sources/sources.ts';
import { watchTrafficFolder } from '../mesh/folder.ts';
import { openMesh } from '../mesh/mesh.ts';
import { readControlAddresses } from '../services/control-addresses.ts';
import { createServicesControl } from '../services/services-control.ts';
import { createServiceGraphMetrics } from '../span-metrics/service-graph.ts';
import { createSpanMetrics } from '../span-metrics/span-metrics.ts';
import { VERSION } from '../version.ts';
import { gapNotKept } from '../visibility/gap-recorder.ts';
import { createVisibility } from '../visibility/visibility.ts';
import { createCollection } from './collect.ts';
import { createDemo } from './demo.ts';
import { guardAddresses } from './guard-addresses.ts';
import { type Firewall, planFirewall, removeFirewall, startFirewall } from './firewall.ts';
import { createImporter } from './importer.ts';
import { startMeshDataPlane } from './mesh-data-plane.ts';
import { loadMeshSettings } from './mesh-settings.ts';
import { createLogger } from './logger.ts';
import { writeReadyFile } from './ready-file.ts';
import { createSpanTap } from './span-tap.ts';
import { banner } from './banner.ts';
import { planCompanions, startCompanionJaeger, startCompanions } from './companions.ts';

const DAY_MS = 86_400_000;

export interface RunningClover {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts everything; rejects, with nothing left running, when a part does not start. */
export async function runClover(config: Config): Promise<RunningClover> {
  const startedAt = new Date();
  const logger = createLogger(config.text('logLevel')!, config.text('logFormat')!);
  const host = config.text('host')!;
  const doors = guardAddresses(config);
  const plan = await planCompanions(config, process.env);
  const waf = await planFirewall(config, process.env);
  const meshSettings = await loadMeshSettings(config, waf?.meshConfig);
  for (const place of meshSettings.notEnforced) logger.warn(place);
  for (const warning of doors.warnings) logger.warn(warning);
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse())
      await one().catch((error: unknown) =>
        logger.error({ err: error }, 'a part did not end in good order'),
      );
  };
  try {
    const store = await openStore({
      ...storeLocation(config),
      retention: retentionOf(config),
      logger,
    });
    closers.push(() => store.close());
    await store.endLeftGaps().catch(gapNotKept(logger));
    const events = createEventHub();
    const spanMetrics = createSpanMetrics(config.number('spanMetricsSeries'));
    const tap = createSpanTap(store, events, spanMetrics);
    const serviceGraph = createServiceGraphMetrics({
      store,
      maxSeries: config.number('spanMetricsSeries'),
      startMs: startedAt.getTime(),
      onError: (error) => logger.warn({ err: error }, 'no figures for traces_service_graph_*'),
    });
    const collection = createCollection(
      {
        host: config.text('receiverHost')!,
        otlpGrpcPort: config.number('otlpGrpcPort'),
        otlpHttpPort: config.number('otlpHttpPort'),
        zipkinPort: config.number('zipkinPort'),
        scrape: config.list('scrape'),
        scrapeIntervalMs: config.number('scrapeInterval'),
        authorize: doors.authorize,
        tls: doors.receiverTls,
        logger,
      },
      store,
      tap,
      events,
    );
    closers.push(() => collection.close());
    await collection.start().catch((error: unknown) => {
      throw withFlag(
        error,
        'the ports of the receivers are --otlp-grpc-port, --otlp-http-port and --zipkin-port; 0 is any free one',
      );
    });
    const visibility = await createVisibility(store, collection, events, { logger });
    closers.push(() => visibility.close());
    const jaeger = await startCompanionJaeger(plan, logger);
    if (jaeger) closers.push(jaeger.close);
    const dataPlane = config.flag('mesh')
      ? await startMeshDataPlane(config, {
          collection,
          events,
          logger,
          identityFolder: join(dataFolder(config), 'traffic', 'identity'),
          gatewayPortsFile: join(dataFolder(config), 'traffic', 'gateway-ports.json'),
          alsoOtlpHttpUrl: jaeger?.otlpHttpUrl,
          mesh: meshSettings,
        })
      : undefined;
    const mesh = await openMesh({
      dataPlane,
      settings: meshSettings.settings,
      folder: join(dataFolder(config), 'traffic'),
      events,
      onError: (error, what) => logger.error({ err: error }, what),
    });
    closers.push(() => mesh.close());
    const trafficFolder = config.text('traffic');
    if (trafficFolder !== undefined) {
      const watched = await watchTrafficFolder({
        repository: mesh.repository,
        folder: resolve(trafficFolder),
        onApplied: ({ revision }) => logger.info({ revision }, 'the traffic folder is in force'),
        onRefused: ({ message, issues }) =>
          logger.warn({ issues }, `the traffic folder is not in force: ${message}`),
        onError: (error) => logger.error({ err: error }, 'the traffic folder was not read'),
      });
      closers.push(() => watched.close());
    }
    const services = createServicesControl(readControlAddresses(config.list('serviceControl')), {
      store,
      events,
    });
    const demo = createDemo({
      collection,
      services,
      mesh,
      events,
      logger,
      inMesh: config.flag('mesh'),
      ratePerSecond: config.number('demoRate'),
      alsoOtlpHttpUrl: jaeger?.otlpHttpUrl,
    });
    const { receivers, pipeline, metrics: metricQueue } = collection;
    const addresses = {
      controller: '',
      otlpHttp: receivers.otlpHttp.address(),
      otlpGrpc: receivers.otlpGrpc.address(),
      zipkin: receivers.zipkin.address(),
    };
    const sources = () => sourcesOf(collection, visibility, addresses, Date.now());
    const app = createApp({
      store,
      events,
      visibility,
      mesh,
      services,
      demo,
      sources,
      importer: createImporter(collection),
      remoteWrite: collection.remoteWrite,
      config: () => config.describe(),
      version: VERSION,
      startedAt,
      tokens: doors.tokens,
      allowedHosts: isLoopback(host)
        ? ['127.0.0.1', 'localhost', '[::1]', host, ...config.list('allowedHosts')]
        : undefined,
      page: config.text('ui') ?? fileURLToPath(new URL('../../../ui/dist', import.meta.url)),
      notReady: async () => {
        const reasons = await store.select('SELECT 1', {}, { timeoutMs: 2000 }).then(
          () => [],
          (error: Error) => [`store: ${error.message}`],
        );
        const { state, detail } = mesh.dataPlane.health();
        return [
          ...reasons,
          ...(pipeline.isFull() ? ['the queue of spans is full'] : []),
          ...(state === 'down' ? [`data plane: ${detail}`] : []),
        ];
      },
      metrics: async () => {
        const own = ownMetrics({
          version: VERSION,
          sources: sources(),
          pipeline: pipeline.stats(),
          metricQueue: metricQueue.stats(),
          eventListeners: events.listeners,
          startedAt,
        });
        return own + spanMetrics.text() + (await serviceGraph.text());
      },
      limits: {
        queryTimeoutMs: config.number('queryTimeout'),
        concurrentQueries: config.number('concurrentQueries'),
        bodyBytes: config.number('maxBody'),
        importBytes: config.number('maxImport'),
      },
      https: doors.tls,
      logger,
    });
    closers.push(() => app.close());
    const listening = await app
      .listen({ host, port: config.number('port') })
      .catch((error: unknown) => {
        throw withFlag(error, 'choose another with --port; 0 is any free one');
      });
    addresses.controller = listening.replace('//[::1]', '//localhost');
    const ticking = setInterval(() => {
      const { totals, items } = sources();
      const rates = tap.takeRates(Date.now());
      events.publish({
        type: 'tick',
        timeMs: Date.now(),
        spansPerSecond: totals.spansPerSecond,
        pointsPerSecond: totals.pointsPerSecond,
        ...rates,
        refused: totals.refused,
        completeness: totals.completeness,
        sources: items.filter((one) => one.state === 'up').length,
      });
    }, 1000);
    closers.push(async () => clearInterval(ticking));
    let firewall: Firewall | undefined;
    // Until the demo's clients have ended, it judges their requests.
    closers.push(async () => firewall?.close());
    closers.push(() => demo.close());
    if (!waf) await removeFirewall(mesh, logger);
    const companions = await startCompanions(config, plan, {
      demo,
      visibility,
      mesh,
      logger,
      jaeger,
    });
    closers.push(() => companions.close());
    firewall = waf && (await startFirewall(waf, mesh, logger));
    const readyFile = config.text('readyFile');
    if (readyFile !== undefined) {
      const remove = writeReadyFile(readyFile, { ...addresses, ...companions.ready });
      closers.push(async () => remove());
    }
    if (process.stdout.isTTY || config.flag('demo'))
      process.stdout.write(
        banner(addresses, {
          demo: companions.demo,
          tokens: doors.tokens !== undefined,
          companions: [
            ...companions.addresses,
            ...(firewall ? [['firewall', firewall.url] as const] : []),
          ],
        }),
      );
    logger.info({ ...addresses, startMs: Date.now() - startedAt.getTime() }, 'ready');
    return { url: addresses.controller, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function dataFolder(config: Config): string {
  const base = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return config.text('data') ?? join(base, 'clover');
}

function storeLocation(config: Config) {
  const url = config.text('clickhouse.url');
  if (url === undefined) return { dataDir: dataFolder(config) };
  const ca = config.text('clickhouse.tlsCa');
  const optional = {
    user: config.text('clickhouse.user'),
    password: config.text('clickhouse.password'),
    database: config.text('clickhouse.database'),
    cluster: config.text('clickhouse.cluster'),
  };
  const given = Object.fromEntries(
    Object.entries(optional).filter(([, value]) => value !== undefined),
  );
  return { clickhouse: { url, ...given, ...(ca !== undefined && { tls: { ca } }) } };
}

function retentionOf(config: Config) {
  return {
    spansDays: config.number('retention.spans') / DAY_MS,
    metricsDays: config.number('retention.metrics') / DAY_MS,
    rollupsDays: config.number('retention.rollups') / DAY_MS,
  };
}

function withFlag(error: unknown, hint: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'collector.address_in_use' && code !== 'EACCES')
    return error;
  return new CloverError('config.address_in_use', message, { hint, status: 500, cause: error });
}

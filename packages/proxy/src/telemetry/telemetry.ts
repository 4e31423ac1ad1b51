// Telemetry of the data plane as a whole: one call at the end of each request gives its counters, its
// spans and its line in the access log.

import type { LoadFigures } from '../exchange/load.ts';
import type { RequestRecord } from '../request-record.ts';
import type { Cluster } from '../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import { createAccessLog, type AccessLog, type AccessLogOptions } from './access-log/access-log.ts';
import type { LogWriterStats } from './access-log/log-writer.ts';
import type { HeaderLookup } from './format/operators.ts';
import type { ClusterStats } from './metrics/cluster-stats.ts';
import type { ObservedCluster } from './metrics/cluster-gauges.ts';
import type { TcpMeter, TcpRecord } from './metrics/istio-stats.ts';
import type { ListenerStats } from './metrics/listener-stats.ts';
import { createMetrics, type MetricsOptions } from './metrics/metrics.ts';
import { createSampler, type Sampler } from './sampling.ts';
import {
  createOtlpExporter,
  type OtlpExporterOptions,
  type OtlpExporterStats,
} from './spans/otlp-exporter.ts';
import { createSpanBatches } from './spans/span-batches.ts';
import {
  exporterFamilies,
  loadFamilies,
  logFamilies,
  secondExporterFamilies,
  spanFamilies,
} from './own-families.ts';
import { recordOfTcp } from './record-of-tcp.ts';
import type { TcpRecord as EndedTcp } from '../tcp/tcp-proxy.ts';

export interface TelemetryOptions {
  /** Share of new traces that are kept, 0..1; 0.01 by default, as Istio's default of 1 %. */
  readonly samplingRatio?: number;
  /** Where spans go; none are made without it. */
  readonly spans?: OtlpExporterOptions;
  /** A second receiver that gets the same spans; its figures have names of their own. */
  readonly alsoSpans?: OtlpExporterOptions;
  readonly accessLog?: AccessLogOptions;
  readonly clusterNames?: MetricsOptions['clusterNames'];
  readonly clusters?: () => Iterable<ObservedCluster>;
  /** What the data plane holds in memory, and what it left undone. */
  readonly load?: () => LoadFigures;
  readonly meshId?: string;
  readonly clusterId?: string;
  readonly trustDomain?: string;
  readonly version?: string;
  readonly maxSeries?: number;
}

export interface TelemetryStats {
  /** Spans that were made, before batching. */
  readonly spans: number;
  readonly export: OtlpExporterStats | undefined;
  readonly accessLog: LogWriterStats | undefined;
}

export interface Telemetry {
  /** For `extractTrace`. */
  readonly sampler: Sampler;
  /** The access log names headers that the record does not hold: give `record` a lookup. */
  readonly needsHeaders: boolean;
  /** A request at its end. The record is not kept. */
  record(record: RequestRecord, headers?: HeaderLookup): void;
  /** Counters for the connection pool of a cluster; name the workload for its inbound clusters. */
  clusterStats(
    cluster: Pick<Cluster, 'name' | 'statsName'>,
    inbound?: Workload | GatewayWorkload,
  ): ClusterStats;
  /** Counters for the connections of a listener; `local` is its `address:port`. */
  listenerStats(direction: RequestRecord['direction'], local: string): ListenerStats;
  /** A listener that is gone, so that workloads which come and go under other names do not add up. */
  forgetListener(direction: RequestRecord['direction'], local: string): void;
  forgetInbound(workload: Workload | GatewayWorkload): void;
  /** A TCP connection that is passed on. */
  openTcp(record: TcpRecord): TcpMeter;
  /** A TCP connection at its end: its line in the access log; one that came to nothing is counted too. */
  tcpEnded(
    owner: Workload | GatewayWorkload,
    record: EndedTcp,
    direction: TcpRecord['direction'],
  ): void;
  /** Prometheus' text in pieces. */
  prometheus(): Generator<string>;
  stats(): TelemetryStats;
  /** Opens the access log again, after logrotate moved it. */
  reopenLogs(): Promise<void>;
  /** Hands over what waits, within `timeoutMs`. */
  flush(timeoutMs?: number): Promise<void>;
  close(timeoutMs?: number): Promise<void>;
}

const BATCH_BYTES = 512 << 10;
const BATCH_MS = 1_000;

/** Throws `proxy.bad_format` for an access log that cannot be compiled. */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const { meshId = 'cluster.local', trustDomain = 'cluster.local' } = options;
  const { clusterId = 'clover', version = '0.1.0', maxSeries = 10_000 } = options;
  const sampler = createSampler(options.spans === undefined ? 0 : (options.samplingRatio ?? 0.01));
  const accessLog: AccessLog | undefined = options.accessLog && createAccessLog(options.accessLog);
  const exporter = options.spans && createOtlpExporter(options.spans);
  const second = exporter && options.alsoSpans && createOtlpExporter(options.alsoSpans);
  const batches =
    exporter &&
    createSpanBatches({
      meshId,
      clusterId,
      trustDomain,
      version,
      maxBatchBytes: BATCH_BYTES,
      exportSpans(batch) {
        exporter.export(batch);
        second?.export(batch);
      },
    });
  // While the collector is busy with one batch the next one grows, so that a slow one is never fallen behind of.
  const hand = () => {
    if (exporter?.stats().queuedSpans === 0) batches?.flush();
  };
  const timer = batches && setInterval(hand, BATCH_MS).unref();
  const metrics = createMetrics({
    clusterId,
    trustDomain,
    clusters: options.clusters ?? (() => []),
    clusterNames: options.clusterNames ?? 'both',
    maxClusters: maxSeries,
    maxListeners: maxSeries,
    maxSeries,
  });

  async function flush(timeoutMs = 2_000): Promise<void> {
    batches?.flush();
    await Promise.all([
      exporter?.drain(timeoutMs),
      second?.drain(timeoutMs),
      accessLog?.flush(timeoutMs),
    ]);
  }

  return {
    sampler,
    needsHeaders: accessLog?.needsHeaders ?? false,
    record(record, headers) {
      metrics.charge(record);
      const { trace } = record;
      if (batches !== undefined && trace !== undefined && trace.sampled) batches.add(record, trace);
      if (accessLog !== undefined && !record.mirror) accessLog.log(record, headers);
    },
    clusterStats: metrics.clusterStats,
    listenerStats: metrics.listenerStats,
    forgetListener: metrics.forgetListener,
    forgetInbound: metrics.forgetInbound,
    openTcp: metrics.openTcp,
    tcpEnded(owner, record, direction) {
      const { cluster, endpoint, responseFlags } = record;
      if (record.upstreamLocal === '')
        metrics
          .openTcp({
            workload: owner,
            direction,
            cluster,
            endpoint,
            peer: undefined,
            responseFlags,
          })
          .closed();
      accessLog?.log(recordOfTcp(owner, record, direction));
    },
    *prometheus() {
      yield* metrics.families();
      if (options.load) yield* loadFamilies(options.load());
      if (batches) yield* spanFamilies(batches.made);
      if (exporter) yield* exporterFamilies(exporter.stats());
      if (second) yield* secondExporterFamilies(second.stats());
      if (accessLog) yield* logFamilies(accessLog.stats());
    },
    stats: () => ({
      spans: batches?.made ?? 0,
      export: exporter?.stats(),
      accessLog: accessLog?.stats(),
    }),
    reopenLogs: async () => accessLog?.reopen(),
    flush,
    async close(timeoutMs = 2_000) {
      clearInterval(timer);
      await flush(timeoutMs);
      exporter?.close();
      second?.close();
      await accessLog?.close(timeoutMs);
    },
  };
}

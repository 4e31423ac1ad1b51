// Counters of one cluster, under Envoy's names.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats

import type { RequestRecord } from '../../request-record.ts';
import type { FlagFacts } from './flag-facts.ts';
import { HISTOGRAM_SIZE, observe } from './histogram.ts';

/** In the order of their places. */
export const CLUSTER_COUNTERS = [
  'upstream_rq_total',
  'upstream_rq_completed',
  'upstream_rq_timeout',
  'upstream_rq_per_try_timeout',
  'upstream_rq_retry',
  'upstream_rq_retry_success',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_rx_reset',
  'upstream_rq_tx_reset',
  'upstream_rq_cancelled',
  'upstream_rq_pending_total',
  'upstream_rq_pending_overflow',
  'upstream_rq_pending_failure_eject',
  'upstream_rq_active_overflow',
  'upstream_cx_total',
  'upstream_cx_http1_total',
  'upstream_cx_http2_total',
  'upstream_cx_connect_fail',
  'upstream_cx_connect_timeout',
  'upstream_cx_idle_timeout',
  'upstream_cx_max_requests',
  'upstream_cx_none_healthy',
  'upstream_cx_overflow',
  'upstream_cx_protocol_error',
  'upstream_cx_destroy',
  'upstream_cx_destroy_local',
  'upstream_cx_destroy_local_with_active_rq',
  'upstream_cx_destroy_remote',
  'upstream_cx_destroy_remote_with_active_rq',
  'upstream_cx_destroy_with_active_rq',
  'upstream_cx_rx_bytes_total',
  'upstream_cx_tx_bytes_total',
] as const;
type CounterName = (typeof CLUSTER_COUNTERS)[number];

const AT = Object.fromEntries(CLUSTER_COUNTERS.map((name, at) => [name, at])) as Record<
  CounterName,
  number
>;
const { upstream_rq_total: RQ_TOTAL, upstream_rq_completed: RQ_COMPLETED } = AT;

/** Histograms behind the counters, in this order. */
export const CLUSTER_HISTOGRAMS = [
  'upstream_rq_time',
  'upstream_cx_connect_ms',
  'upstream_cx_length_ms',
] as const;
const FIRST_HISTOGRAM = CLUSTER_COUNTERS.length;
const [RQ_TIME, CX_CONNECT, CX_LENGTH] = CLUSTER_HISTOGRAMS.map(
  (_, n) => FIRST_HISTOGRAM + n * HISTOGRAM_SIZE,
) as [number, number, number];
export const CLUSTER_HISTOGRAM_START = { first: FIRST_HISTOGRAM, size: HISTOGRAM_SIZE };

const FIRST_STATUS = 100;
const STATUS_COUNT = 500;

export interface ClosedConnection {
  readonly lengthMs: number;
  /** The upstream closed it. */
  readonly byRemote: boolean;
  /** Requests that it was still carrying. */
  readonly activeRequests: number;
}

/** A class: one lives as long as its cluster is known, and every request writes to it. */
export class ClusterStats {
  readonly name: string;
  /** Labels of the tagged names. */
  readonly labels: string;
  /** Between `envoy_cluster_` and the counter in the plain names of 2018. */
  readonly plainName: string;
  /** Labels of the plain names: inbound clusters of several workloads share a name. */
  readonly plainLabels: string;
  readonly values = new Float64Array(FIRST_HISTOGRAM + CLUSTER_HISTOGRAMS.length * HISTOGRAM_SIZE);
  readonly statuses = new Float64Array(STATUS_COUNT);

  constructor(name: string, tagged: string, plain: { name: string; labels: string }) {
    this.name = name;
    this.labels = tagged;
    this.plainName = plain.name;
    this.plainLabels = plain.labels;
  }

  /** A request that the router took on. */
  charge(record: RequestRecord, facts: FlagFacts): void {
    const { values } = this;
    const { status, attempts, overflow } = record;
    if (status >= FIRST_STATUS && status < FIRST_STATUS + STATUS_COUNT) {
      this.statuses[status - FIRST_STATUS]!++;
      values[RQ_COMPLETED]!++;
    }
    // An attempt that got no connection was never a request to the upstream.
    const isNeverSent = facts.isNeverSent || overflow === 'request';
    values[RQ_TOTAL]! += isNeverSent ? Math.max(0, attempts - 1) : attempts;
    if (record.upstreamServiceTimeMs >= 0) observe(values, RQ_TIME, record.durationMs);
    if (attempts > 1) {
      values[AT.upstream_rq_retry]! += attempts - 1;
      if (facts.id === 0 && status < 500) values[AT.upstream_rq_retry_success]!++;
    }
    if (overflow === 'request') values[AT.upstream_rq_pending_overflow]!++;
    else if (overflow === 'retry') values[AT.upstream_rq_retry_overflow]!++;
    if (facts.id !== 0) this.flags(facts);
  }

  connectionOpened(connectMs: number, carries: 'http1' | 'http2' | 'tcp'): void {
    this.values[AT.upstream_cx_total]!++;
    if (carries !== 'tcp') this.values[AT[`upstream_cx_${carries}_total`]]!++;
    observe(this.values, CX_CONNECT, connectMs);
  }

  connectionClosed(closed: ClosedConnection): void {
    const { values } = this;
    const isActive = closed.activeRequests > 0;
    values[AT.upstream_cx_destroy]!++;
    values[closed.byRemote ? AT.upstream_cx_destroy_remote : AT.upstream_cx_destroy_local]!++;
    if (isActive) {
      values[AT.upstream_cx_destroy_with_active_rq]!++;
      values[
        closed.byRemote
          ? AT.upstream_cx_destroy_remote_with_active_rq
          : AT.upstream_cx_destroy_local_with_active_rq
      ]!++;
    }
    observe(values, CX_LENGTH, closed.lengthMs);
  }

  /** Of a connection, both ways, as the pool sees fit to tell. */
  bytes(received: number, sent: number): void {
    this.values[AT.upstream_cx_rx_bytes_total]! += received;
    this.values[AT.upstream_cx_tx_bytes_total]! += sent;
  }

  /** A counter that only the exchange or the pool knows of. */
  count(name: CounterName): void {
    this.values[AT[name]]!++;
  }

  /** By status, only those that occurred. */
  *codes(): Generator<readonly [status: number, count: number]> {
    for (let at = 0; at < STATUS_COUNT; at++)
      if (this.statuses[at]! > 0) yield [at + FIRST_STATUS, this.statuses[at]!];
  }

  /** By class, `1xx` to `5xx`, only those that occurred. */
  *classes(): Generator<readonly [string, number]> {
    for (let hundred = 1; hundred <= 5; hundred++) {
      let count = 0;
      for (let at = 0; at < 100; at++) count += this.statuses[(hundred - 1) * 100 + at]!;
      if (count > 0) yield [`${hundred}xx`, count];
    }
  }

  private flags(facts: FlagFacts): void {
    const { values } = this;
    if (facts.isTimeout) values[AT.upstream_rq_timeout]!++;
    if (facts.isConnectFailure) values[AT.upstream_rq_pending_failure_eject]!++;
    if (facts.isRetryLimit) values[AT.upstream_rq_retry_limit_exceeded]!++;
    if (facts.isRemoteReset) values[AT.upstream_rq_rx_reset]!++;
    if (facts.isLocalReset || facts.isCancelled) values[AT.upstream_rq_tx_reset]!++;
    if (facts.isNoneHealthy) values[AT.upstream_cx_none_healthy]!++;
    if (facts.isProtocolError) values[AT.upstream_cx_protocol_error]!++;
  }
}

// Counters of one listener's HTTP connection manager, under Envoy's names.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats

import type { RequestRecord } from '../../request-record.ts';
import type { FlagFacts } from './flag-facts.ts';
import { HISTOGRAM_SIZE, observe } from './histogram.ts';

export const LISTENER_COUNTERS = [
  'downstream_rq_total',
  'downstream_rq_completed',
  'downstream_rq_http1_total',
  'downstream_rq_http2_total',
  'downstream_rq_timeout',
  'downstream_rq_rx_reset',
  'downstream_rq_too_large',
  'downstream_rq_header_timeout',
  'downstream_rq_overload_close',
  'downstream_cx_total',
  'downstream_cx_http1_total',
  'downstream_cx_http2_total',
  'downstream_cx_ssl_total',
  'downstream_cx_ssl_connection_error',
  'downstream_cx_destroy',
  'downstream_cx_destroy_local',
  'downstream_cx_destroy_remote',
  'downstream_cx_destroy_active_rq',
  'downstream_cx_idle_timeout',
  'downstream_cx_protocol_error',
  'downstream_cx_upgrades_total',
  'downstream_cx_rx_bytes_total',
  'downstream_cx_tx_bytes_total',
  'fault_aborts_injected',
  'fault_delays_injected',
  'ext_authz_ok',
  'ext_authz_denied',
  'ext_authz_error',
  'ext_authz_failure_mode_allowed',
] as const;
type CounterName = (typeof LISTENER_COUNTERS)[number];

export const LISTENER_GAUGES = ['downstream_cx_active', 'downstream_rq_active'] as const;
type GaugeName = (typeof LISTENER_GAUGES)[number];

export const LISTENER_HISTOGRAMS = ['downstream_rq_time', 'downstream_cx_length_ms'] as const;

const CLASSES = 5;
const FIRST_CLASS = LISTENER_COUNTERS.length;
const FIRST_GAUGE = FIRST_CLASS + CLASSES;
const FIRST_HISTOGRAM = FIRST_GAUGE + LISTENER_GAUGES.length;
const SIZE = FIRST_HISTOGRAM + LISTENER_HISTOGRAMS.length * HISTOGRAM_SIZE;
export const LISTENER_PLACES = {
  firstClass: FIRST_CLASS,
  firstGauge: FIRST_GAUGE,
  firstHistogram: FIRST_HISTOGRAM,
};

const AT = Object.fromEntries(LISTENER_COUNTERS.map((name, at) => [name, at])) as Record<
  CounterName,
  number
>;
const GAUGE = Object.fromEntries(
  LISTENER_GAUGES.map((name, at) => [name, FIRST_GAUGE + at]),
) as Record<GaugeName, number>;
const {
  downstream_rq_total: RQ_TOTAL,
  downstream_rq_completed: RQ_COMPLETED,
  downstream_rq_http1_total: RQ_HTTP1,
  downstream_rq_http2_total: RQ_HTTP2,
} = AT;

export class ListenerStats {
  /** `outbound_127.0.0.2_9180` */
  readonly prefix: string;
  readonly labels: string;
  readonly values = new Float64Array(SIZE);

  constructor(prefix: string, labels: string) {
    this.prefix = prefix;
    this.labels = labels;
  }

  /** A request at its end. */
  charge(record: RequestRecord, facts: FlagFacts): void {
    const { values } = this;
    const { status } = record;
    values[RQ_TOTAL]!++;
    values[record.protocol === 'HTTP/2' ? RQ_HTTP2 : RQ_HTTP1]!++;
    if (status >= 100 && status < 600) {
      values[RQ_COMPLETED]!++;
      values[FIRST_CLASS + Math.floor(status / 100) - 1]!++;
    }
    observe(values, FIRST_HISTOGRAM, record.durationMs);
    if (facts.id === 0) return;
    if (facts.isCancelled) {
      values[AT.downstream_rq_rx_reset]!++;
      // Over HTTP/1.1 a client can only give up a request with its connection.
      if (record.protocol === 'HTTP/1.1') values[AT.downstream_cx_destroy_active_rq]!++;
    }
    if (facts.isFaultAbort) values[AT.fault_aborts_injected]!++;
    if (facts.isFaultDelay) values[AT.fault_delays_injected]!++;
  }

  connectionOpened(isTls: boolean): void {
    this.values[AT.downstream_cx_total]!++;
    this.values[GAUGE.downstream_cx_active]!++;
    if (isTls) this.values[AT.downstream_cx_ssl_total]!++;
  }

  connectionClosed(closed: { readonly lengthMs: number; readonly byRemote: boolean }): void {
    const { values } = this;
    values[AT.downstream_cx_destroy]!++;
    values[closed.byRemote ? AT.downstream_cx_destroy_remote : AT.downstream_cx_destroy_local]!++;
    values[GAUGE.downstream_cx_active]!--;
    observe(values, FIRST_HISTOGRAM + HISTOGRAM_SIZE, closed.lengthMs);
  }

  /** Requests that began less those that ended: +1 and -1. */
  requestsActive(change: 1 | -1): void {
    this.values[GAUGE.downstream_rq_active]! += change;
  }

  bytes(received: number, sent: number): void {
    this.values[AT.downstream_cx_rx_bytes_total]! += received;
    this.values[AT.downstream_cx_tx_bytes_total]! += sent;
  }

  /** A counter that only the connection knows of. */
  count(name: CounterName): void {
    this.values[AT[name]]!++;
  }
}

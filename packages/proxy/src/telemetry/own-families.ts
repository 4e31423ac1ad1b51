// What became of spans and log lines, and what was left undone for want of room, as metrics: nothing is
// dropped without being counted.

import type { LoadFigures } from '../exchange/load.ts';
import type { LogWriterStats } from './access-log/log-writer.ts';
import { family } from './metrics/exposition.ts';
import type { OtlpExporterStats } from './spans/otlp-exporter.ts';

/** What the data plane holds in memory, and what it left undone. */
export function* loadFamilies(load: LoadFigures): Generator<string> {
  yield gauge('clover_proxy_buffered_bytes', 'Bytes of bodies held in memory.', load.bufferedBytes);
  yield counter(
    'clover_proxy_bodies_not_kept_total',
    'Request bodies that were not kept for a retry or a mirror, for want of memory.',
    load.bodiesNotKept,
  );
  yield counter(
    'clover_proxy_requests_refused_total',
    'Requests answered 503, because there was no room to hold their body.',
    load.requestsRefused,
  );
  yield counter(
    'clover_proxy_mirrors_dropped_total',
    'Copies for a mirror that were not sent, because too many were under way.',
    load.mirrorsDropped,
  );
  yield counter(
    'clover_proxy_answers_cut_total',
    'Answers over HTTP/2 that were cut off, because their clients did not read.',
    load.answersCut,
  );
  yield counter(
    'clover_proxy_bugs_total',
    'Mistakes of Clover itself; each has ended one request or connection.',
    load.bugs,
  );
}

/** Made for requests, whatever became of them. */
export function* spanFamilies(made: number): Generator<string> {
  yield counter('clover_proxy_spans_made_total', 'Spans made for requests.', made);
}

/** `envoy_tracing_zipkin_spans_sent` is the name that configurations of 2018 ask for. */
export function* exporterFamilies(stats: OtlpExporterStats): Generator<string> {
  yield counter(
    'envoy_tracing_opentelemetry_spans_sent',
    'Spans that the collector took.',
    stats.sentSpans,
  );
  yield counter(
    'envoy_tracing_zipkin_spans_sent',
    'Spans that the collector took, under the name of 2018.',
    stats.sentSpans,
  );
  yield counter(
    'clover_proxy_spans_dropped_total',
    'Spans that were not sent, because too many waited.',
    stats.droppedSpans,
  );
  yield counter(
    'clover_proxy_spans_rejected_total',
    'Spans that the collector did not take.',
    stats.rejectedSpans,
  );
  yield counter(
    'clover_proxy_span_export_failures_total',
    'Requests to the collector that failed.',
    stats.failedRequests,
  );
  yield gauge('clover_proxy_spans_queued', 'Spans that wait to be sent.', stats.queuedSpans);
}

export function* secondExporterFamilies(stats: OtlpExporterStats): Generator<string> {
  yield counter(
    'clover_proxy_second_spans_sent_total',
    'Spans that the second collector took.',
    stats.sentSpans,
  );
  yield counter(
    'clover_proxy_second_spans_dropped_total',
    'Spans that the second collector did not get or take.',
    stats.droppedSpans + stats.rejectedSpans,
  );
}

export function* logFamilies(stats: LogWriterStats): Generator<string> {
  yield counter(
    'clover_proxy_access_log_lines_total',
    'Access log lines written.',
    stats.writtenLines,
  );
  yield counter(
    'clover_proxy_access_log_dropped_total',
    'Access log lines that were not written.',
    stats.droppedLines,
  );
  yield counter(
    'clover_proxy_access_log_write_failures_total',
    'Writes of access log lines that failed.',
    stats.failedWrites,
  );
}

function counter(name: string, help: string, value: number): string {
  return family(name, 'counter', [{ labels: '', value }], help);
}

function gauge(name: string, help: string, value: number): string {
  return family(name, 'gauge', [{ labels: '', value }], help);
}

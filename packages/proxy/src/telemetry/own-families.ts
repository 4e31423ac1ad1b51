// What became of spans and log lines, and what was left undone for want of room, as metrics: nothing is
// dropped without being counted.

import type { LoadFigures } from '../exchange/load.ts';
import type { LogWriterStats } from './access-log/log-writer.ts';
import { family } from './metrics/exposition.ts';
import type { OtlpExporterStats } from './spans/otlp-exporter.ts';

/** What the data plane holds in memory, and what it left undone. */
export function* loadFamilies(load: LoadFigures): Generator<string> {
  yield family('clover_proxy_buffered_bytes', 'gauge', [{ labels: '', value: load.bufferedBytes }]);
  yield counter('clover_proxy_bodies_not_kept_total', load.bodiesNotKept);
  yield counter('clover_proxy_requests_refused_total', load.requestsRefused);
  yield counter('clover_proxy_mirrors_dropped_total', load.mirrorsDropped);
  yield counter('clover_proxy_answers_cut_total', load.answersCut);
  yield counter('clover_proxy_bugs_total', load.bugs);
}

/** Made for requests, whatever became of them. */
export function* spanFamilies(made: number): Generator<string> {
  yield counter('clover_proxy_spans_made_total', made);
}

/** `envoy_tracing_zipkin_spans_sent` is the name that configurations of 2018 ask for. */
export function* exporterFamilies(stats: OtlpExporterStats): Generator<string> {
  yield counter('envoy_tracing_opentelemetry_spans_sent', stats.sentSpans);
  yield counter('envoy_tracing_zipkin_spans_sent', stats.sentSpans);
  yield counter('clover_proxy_spans_dropped_total', stats.droppedSpans);
  yield counter('clover_proxy_spans_rejected_total', stats.rejectedSpans);
  yield counter('clover_proxy_span_export_failures_total', stats.failedRequests);
  yield family('clover_proxy_spans_queued', 'gauge', [{ labels: '', value: stats.queuedSpans }]);
}

export function* secondExporterFamilies(stats: OtlpExporterStats): Generator<string> {
  yield counter('clover_proxy_second_spans_sent_total', stats.sentSpans);
  yield counter(
    'clover_proxy_second_spans_dropped_total',
    stats.droppedSpans + stats.rejectedSpans,
  );
}

export function* logFamilies(stats: LogWriterStats): Generator<string> {
  yield counter('clover_proxy_access_log_lines_total', stats.writtenLines);
  yield counter('clover_proxy_access_log_dropped_total', stats.droppedLines);
  yield counter('clover_proxy_access_log_write_failures_total', stats.failedWrites);
}

function counter(name: string, value: number): string {
  return family(name, 'counter', [{ labels: '', value }]);
}

export type { MetricSink, RefusalSink, SpanSink } from './sink.ts';
export { SpanBatchBuilder } from './builder.ts';
export type { BuilderMark, BuilderOptions, SpanRefusal } from './builder.ts';
export { BuilderFullError } from './builder-limits.ts';
export { importStream } from './importers/import-stream.ts';
export type { ImportOptions, ImportProgress } from './importers/import-stream.ts';
export { IMPORT_FORMATS, type ImportFormat } from './importers/parse-import.ts';
export { createPrometheusScraper } from './receivers/prometheus-scrape.ts';
export type { Scraper, ScraperOptions, ScrapeStatus } from './receivers/prometheus-scrape.ts';
export type { ScrapeTarget } from './receivers/prometheus-scrape-target.ts';
export { createRemoteWriteHandler } from './receivers/remote-write.ts';
export type {
  RemoteWriteAnswer,
  RemoteWriteHandler,
  RemoteWriteOptions,
  RemoteWriteRequest,
} from './receivers/remote-write.ts';
export { decodeOtlpMetrics } from './metrics/decode-otlp-metrics.ts';
export { createDeltaAccumulator } from './metrics/delta-accumulator.ts';
export { createPipeline } from './queue.ts';
export type { PipelineOptions, PipelineStats, SpanPipeline, SubmitResult } from './queue.ts';
export { DEFAULT_PIPELINE_LIMITS } from './queue-limits.ts';
export type { Clock, PipelineLimits } from './queue-limits.ts';
export type { Histogram } from './queue-histogram.ts';
export { createMetricQueue } from './metric-queue.ts';
export type { MetricQueue } from './metric-queue.ts';
export { SpanCounts } from './decode-result.ts';
export { createRefusalRecorder } from './refusal-recorder.ts';
export type { RefusalRecorder } from './refusal-recorder.ts';
export { createSourceMeter } from './source-meter.ts';
export type { OnRefusal, SourceMeter, SourceSnapshot } from './source-meter.ts';
export type { Authorize, ListenOptions, Receiver } from './receivers/http-receiver.ts';
export { createOtlpHttpReceiver } from './receivers/otlp-http.ts';
export type { OtlpHttpOptions } from './receivers/otlp-http.ts';
export { createOtlpGrpcReceiver } from './receivers/otlp-grpc.ts';
export type { OtlpGrpcOptions } from './receivers/otlp-grpc.ts';
export type { OtlpMetrics } from './receivers/otlp.ts';
export { createZipkinReceiver } from './receivers/zipkin.ts';
export type { ZipkinOptions } from './receivers/zipkin.ts';
export { createJaegerPull } from './pulls/jaeger-pull.ts';
export type { JaegerPull, JaegerPullOptions, JaegerPullStatus } from './pulls/jaeger-pull.ts';
export { createPrometheusPull } from './pulls/prometheus-pull.ts';
export type {
  PrometheusPull,
  PrometheusPullOptions,
  PrometheusPullStatus,
} from './pulls/prometheus-pull.ts';
export type { PullState } from './pulls/pull-state.ts';
export { createSpanWriter, type SpanWriter } from './pulls/pipeline-writer.ts';
export { JAEGER_WARNINGS, REFERENCE_TYPE } from './importers/jaeger.ts';
export { RENAMED_ATTRIBUTES } from './processors/attribute-names.ts';
export { jaegerTraceToSpans } from './importers/jaeger.ts';
export { createRefusals } from './importers/refusals.ts';

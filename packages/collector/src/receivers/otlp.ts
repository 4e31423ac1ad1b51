// What OTLP/HTTP and OTLP/gRPC have in common: bytes in, a durable answer or an error out, all counted.

import { CloverError } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import { decodeOtlpJson } from '../decode-otlp-json.ts';
import { decodeOtlpProto } from '../decode-otlp-proto.ts';
import { fullError, malformedError, noMetricsError } from '../errors.ts';
import type { MetricQueue } from '../metric-queue.ts';
import type { TranslatedMetrics } from '../metrics/otlp-metrics.ts';
import type { SpanPipeline } from '../queue.ts';
import type { SourceMeter } from '../source-meter.ts';
import type { Encoding, Rejection } from './otlp-status.ts';

/** The metrics half; a receiver without one answers that it takes traces only. */
export interface OtlpMetrics {
  readonly queue: MetricQueue;
  /** Throws MalformedError when the request is not of its form. */
  decode(bytes: Uint8Array, encoding: Encoding, source: string): TranslatedMetrics;
}

export interface OtlpHandler {
  /** Both reject with a CloverError: `collector.malformed` (400) or what the queues reject with. */
  traces(bytes: Uint8Array, encoding: Encoding): Promise<Rejection>;
  metrics(bytes: Uint8Array, encoding: Encoding): Promise<Rejection>;
  /** The error to answer before a body is read, while there is no room. */
  refuseEarly(what: 'spans' | 'points'): CloverError | undefined;
  /** Counts a request that failed; one that traces() or metrics() rejected is counted already. */
  refused(error: CloverError, what: 'spans' | 'points'): void;
}

const SIGNALS = { spans: 'traces', points: 'metrics' } as const;

/** `source` is otlp-http or otlp-grpc. */
export function createOtlpHandler(options: {
  source: string;
  pipeline: SpanPipeline;
  metrics?: OtlpMetrics | undefined;
  meter: SourceMeter;
}): OtlpHandler {
  const { source, pipeline, metrics, meter } = options;

  async function counted(
    what: 'spans' | 'points',
    work: () => Promise<Rejection>,
  ): Promise<Rejection> {
    try {
      return await work();
    } catch (error) {
      const failure = error instanceof MalformedError ? malformedError(error) : error;
      if (failure instanceof CloverError) refused(failure, what);
      throw failure;
    }
  }

  const seen = new WeakSet<CloverError>();

  function refused(error: CloverError, what: 'spans' | 'points'): void {
    if (seen.has(error)) return;
    seen.add(error);
    const at = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    meter.refuse(reasonOf(error), 1, `${error.message}${at}`, SIGNALS[what]);
  }

  return {
    traces: (bytes, encoding) =>
      counted('spans', async () => {
        const decode = encoding === 'json' ? decodeOtlpJson : decodeOtlpProto;
        const { counts, newestUnixMs } = await pipeline.submit((builder) =>
          decode(bytes, builder, source),
        );
        meter.accept({ spans: counts.accepted, newestUnixMs });
        for (const [reason, count] of counts.refused) meter.refuse(reason, count, counts.message());
        return { rejected: counts.refusedTotal, message: counts.message() };
      }),
    metrics: (bytes, encoding) =>
      counted('points', async () => {
        if (!metrics) throw noMetricsError();
        const { batch, accepted, refused } = metrics.decode(bytes, encoding, source);
        await metrics.queue.submit(batch);
        let newestUnixMs = 0;
        for (const time of batch.timesUnixMs) if (time > newestUnixMs) newestUnixMs = time;
        meter.accept({ points: accepted, newestUnixMs });
        for (const { reason, count } of refused) meter.refuse(reason, count, reason, 'metrics');
        return {
          rejected: refused.reduce((sum, { count }) => sum + count, 0),
          message: refused.map(({ reason, count }) => `${count} × ${reason}`).join('; '),
        };
      }),
    refuseEarly(what) {
      if (what === 'spans') return pipeline.refusal();
      return metrics?.queue.isFull() ? fullError(what) : undefined;
    },
    refused,
  };
}

/** `collector.full` -> full. */
export function reasonOf(error: CloverError): string {
  return error.code.replace(/^collector\./, '');
}

import { MalformedError } from '../decode-error.ts';
import { createDeltaAccumulator, type DeltaAccumulator } from './delta-accumulator.ts';
import { readOtlpMetricsJson } from './otlp-metrics-json.ts';
import { readOtlpMetricsProtobuf } from './otlp-metrics-protobuf.ts';
import { translateOtlpMetrics, type TranslatedMetrics } from './otlp-metrics.ts';

export interface DecodeOtlpMetricsOptions {
  /** What brought them: otlp-grpc, otlp-http, import. Default otlp-http. */
  readonly source?: string;
  /** Running totals of delta series; give the same one for all requests of a process. */
  readonly deltas?: DeltaAccumulator;
}

/** Used where the caller keeps no running totals of its own. */
const sharedDeltas = createDeltaAccumulator();

/**
 * An ExportMetricsServiceRequest as a metric batch in Prometheus' model, with what was refused of it
 * (for `partial_success`). Throws MalformedError with the place when the request is not of its form;
 * then nothing of it counts.
 */
export function decodeOtlpMetrics(
  bytes: Uint8Array,
  encoding: 'protobuf' | 'json',
  options: DecodeOtlpMetricsOptions = {},
): TranslatedMetrics {
  const groups =
    encoding === 'protobuf' ? readOtlpMetricsProtobuf(bytes) : readOtlpMetricsJson(parse(bytes));
  return translateOtlpMetrics(groups, {
    source: options.source ?? 'otlp-http',
    deltas: options.deltas ?? sharedDeltas,
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MalformedError(
      error instanceof SyntaxError ? error.message : 'the body is not valid UTF-8',
    );
  }
}

// OTLP metrics as both of their decoders give them and the translation to Prometheus' model reads
// them. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto

import type { Attributes } from '@clover/model';

export interface OtlpResourceMetrics {
  readonly resource: Attributes;
  readonly metrics: readonly OtlpMetric[];
}

interface MetricHead {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

export type OtlpMetric =
  | (MetricHead & { readonly kind: 'gauge'; readonly points: readonly NumberPoint[] })
  | (MetricHead & {
      readonly kind: 'sum';
      readonly monotonic: boolean;
      /** 0 unspecified, 1 delta, 2 cumulative. */
      readonly temporality: number;
      readonly points: readonly NumberPoint[];
    })
  | (MetricHead & {
      readonly kind: 'histogram';
      readonly temporality: number;
      readonly points: readonly HistogramPoint[];
    })
  | (MetricHead & {
      readonly kind: 'exponentialHistogram';
      readonly temporality: number;
      readonly points: readonly ExponentialPoint[];
    })
  | (MetricHead & { readonly kind: 'summary'; readonly points: readonly SummaryPoint[] })
  | (MetricHead & { readonly kind: 'empty' });

interface PointHead {
  readonly attributes: Attributes;
  readonly timeUnixNano: bigint;
  /** Bit 0: no recorded value, the series has ended. */
  readonly flags: number;
}

export interface NumberPoint extends PointHead {
  readonly value: number;
}
export interface HistogramPoint extends PointHead {
  readonly count: number;
  readonly sum: number | undefined;
  /** One more than bounds, or none. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
}
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}
export interface ExponentialPoint extends PointHead {
  readonly count: number;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}
export interface SummaryPoint extends PointHead {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

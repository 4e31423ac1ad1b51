// Metric points in Prometheus' model, whatever brought them: a series is a name and labels, a
// histogram is its _bucket, _sum and _count series.

export const METRIC_TYPES = ['unknown', 'counter', 'gauge', 'histogram', 'summary'] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

export interface MetricSeries {
  /** Prometheus name: [a-zA-Z_:][a-zA-Z0-9_:]*. */
  readonly name: string;
  /** Without `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
}

export interface MetricBatch {
  readonly series: readonly MetricSeries[];
  /** Per point the index of its series. */
  readonly seriesIndexes: Uint32Array;
  readonly timesUnixMs: Float64Array;
  readonly values: Float64Array;
  /** Which receiver or pull brought it: otlp-grpc, otlp-http, scrape, remote-write, prometheus, import. */
  readonly source: string;
}

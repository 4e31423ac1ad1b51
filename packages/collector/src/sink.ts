import type { MetricBatch, Signal, SpanBatch } from '@clover/model';

// What the collector needs from whoever keeps the data. The collector does not know ClickHouse; the
// controller hands a store in.

export interface SpanSink {
  /**
   * Resolves only when every span of the batch is durable (kill -9 safe), rejects when none is.
   * The batch's arrays are used again after the promise settles: keep no reference to them.
   */
  writeSpans(batch: SpanBatch): Promise<void>;
}

export interface MetricSink {
  /** Resolves only when every point of the batch is durable. */
  writeMetrics(batch: MetricBatch): Promise<void>;
}

export interface RefusalSink {
  /** Keeps how much was refused, when, from where and why. */
  recordRefusals(
    rows: readonly {
      timeMs: number;
      source: string;
      signal: Signal;
      reason: string;
      count: number;
    }[],
  ): Promise<void>;
}

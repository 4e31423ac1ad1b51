// Stands where the store stands: keeps what it was given, slowly or not at all when told to.

import type { MetricBatch, SpanBatch } from '@clover/model';
import type { MetricSink, SpanSink } from '../../src/sink.ts';
import { readBatch, type BatchRow } from './read-batch.ts';

export interface MemorySink extends SpanSink, MetricSink {
  readonly rows: BatchRow[];
  readonly batches: number[];
  readonly metrics: MetricBatch[];
  delayMs: number;
  failure: Error | undefined;
  /** Holds every write until released. */
  hold(): () => void;
}

export function memorySink(): MemorySink {
  const rows: BatchRow[] = [];
  const batches: number[] = [];
  let gate: Promise<void> | undefined;
  async function wait(sink: MemorySink): Promise<void> {
    await gate;
    if (sink.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, sink.delayMs));
    if (sink.failure) throw sink.failure;
  }
  return {
    rows,
    batches,
    metrics: [],
    delayMs: 0,
    failure: undefined,
    async writeSpans(batch: SpanBatch) {
      await wait(this);
      const read = readBatch(batch);
      rows.push(...read);
      batches.push(read.length);
    },
    async writeMetrics(batch) {
      await wait(this);
      this.metrics.push(batch);
    },
    hold() {
      let release!: () => void;
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        gate = undefined;
        release();
      };
    },
  };
}

// Group commit for metric points: what arrives while an insert runs goes out together with the next.

import type { MetricBatch } from '@clover/model';
import type { MetricSink } from './sink.ts';
import { closedError, fullError, insertFailedError } from './errors.ts';
import { SYSTEM_CLOCK, type Clock } from './queue-limits.ts';

export interface MetricQueue {
  /** Resolves when the points are durable. Rejects with `collector.full`, `collector.insert_failed` or `collector.closed`. */
  submit(batch: MetricBatch): Promise<void>;
  isFull(): boolean;
  stats(): { pendingPoints: number; limitPoints: number; inserts: number; failedInserts: number };
  /** Takes no more, waits for what was accepted. */
  close(): Promise<void>;
}

interface Waiting {
  readonly batch: MetricBatch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One insert at a time; a batch waits `latencyMs` for company when the sink is idle. */
export function createMetricQueue(options: {
  sink: MetricSink;
  limitPoints?: number;
  batchPoints?: number;
  latencyMs?: number;
  clock?: Clock;
}): MetricQueue {
  const { sink, limitPoints = 2_000_000, batchPoints = 100_000, latencyMs = 10 } = options;
  const clock = options.clock ?? SYSTEM_CLOCK;
  let waiting: Waiting[] = [];
  let pendingPoints = 0;
  let running = false;
  let scheduled = false;
  let inserts = 0;
  let failedInserts = 0;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  function schedule(): void {
    if (scheduled || running || waiting.length === 0) return;
    scheduled = true;
    clock.after(closing ? 0 : latencyMs, () => {
      scheduled = false;
      void insert();
    });
  }

  async function insert(): Promise<void> {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      const taken = take();
      const points = taken.reduce((sum, { batch }) => sum + batch.values.length, 0);
      inserts++;
      try {
        await sink.writeMetrics(joinMetricBatches(taken.map(({ batch }) => batch)));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        failedInserts++;
        for (const { reject } of taken) reject(insertFailedError(error));
      }
      pendingPoints -= points;
    }
    running = false;
    drained?.();
  }

  /** The oldest request and the others of its source, up to a batch. */
  function take(): Waiting[] {
    const source = waiting[0]!.batch.source;
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let points = 0;
    for (const item of waiting) {
      const fits = taken.length === 0 || points + item.batch.values.length <= batchPoints;
      if (item.batch.source === source && fits) {
        taken.push(item);
        points += item.batch.values.length;
      } else left.push(item);
    }
    waiting = left;
    return taken;
  }

  return {
    submit(batch) {
      if (closing) return Promise.reject(closedError());
      if (pendingPoints >= limitPoints) return Promise.reject(fullError('points'));
      if (batch.values.length === 0) return Promise.resolve();
      pendingPoints += batch.values.length;
      return new Promise((resolve, reject) => {
        waiting.push({ batch, resolve, reject });
        schedule();
      });
    },
    isFull: () => pendingPoints >= limitPoints,
    stats: () => ({ pendingPoints, limitPoints, inserts, failedInserts }),
    close() {
      closing ??= new Promise((resolve) => {
        drained = resolve;
        if (!running && waiting.length === 0) resolve();
        else if (!running) void insert();
      });
      return closing;
    },
  };
}

/** Batches of one source, one after the other; series are not merged. */
function joinMetricBatches(batches: readonly MetricBatch[]): MetricBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  const points = batches.reduce((sum, batch) => sum + batch.values.length, 0);
  const seriesIndexes = new Uint32Array(points);
  const timesUnixMs = new Float64Array(points);
  const values = new Float64Array(points);
  const series: MetricBatch['series'][number][] = [];
  let at = 0;
  for (const batch of batches) {
    for (let i = 0; i < batch.values.length; i++)
      seriesIndexes[at + i] = batch.seriesIndexes[i]! + series.length;
    timesUnixMs.set(batch.timesUnixMs, at);
    values.set(batch.values, at);
    for (const one of batch.series) series.push(one);
    at += batch.values.length;
  }
  return { series, seriesIndexes, timesUnixMs, values, source: first?.source ?? '' };
}

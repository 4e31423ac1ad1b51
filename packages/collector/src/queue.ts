// Group commit: requests decode at once into the one open batch, and each is answered when the insert
// of its batch is durable. While an insert runs, the next batch fills: few inserts under load, little
// waiting without.

import type { CloverError } from '@clover/model';
import type { SpanSink } from './sink.ts';
import { SpanBatchBuilder } from './builder.ts';
import { BuilderFullError } from './builder-limits.ts';
import type { SpanCounts } from './decode-result.ts';
import { closedError, fullError, insertFailedError, tooLargeError } from './errors.ts';
import { HistogramRecorder, type Histogram } from './queue-histogram.ts';
import {
  DEFAULT_PIPELINE_LIMITS,
  SYSTEM_CLOCK,
  type Clock,
  type PipelineLimits,
} from './queue-limits.ts';
import { newestEndMs } from './queue-newest.ts';
import { createUrlTemplater, type UrlTemplaterStats } from './processors/url-template.ts';

export interface PipelineOptions {
  readonly sink: SpanSink;
  readonly limits?: Partial<PipelineLimits>;
  readonly clock?: Clock;
}

export interface PipelineStats {
  readonly pendingSpans: number;
  readonly pendingBytes: number;
  readonly limitSpans: number;
  readonly limitBytes: number;
  readonly inFlight: number;
  readonly insertedSpans: number;
  readonly inserts: number;
  readonly failedInserts: number;
  readonly refusedFull: number;
  /** Kept with a duration of 0 because their end stood before their start. */
  readonly negativeDurations: number;
  readonly lastInsertMs: number;
  readonly insertMs: Histogram;
  readonly batchSpans: Histogram;
  readonly urls: UrlTemplaterStats;
}

/** What a request became; `newestUnixMs` is when its latest span ended, 0 for none. */
export interface SubmitResult {
  readonly counts: SpanCounts;
  readonly newestUnixMs: number;
}

export interface SpanPipeline {
  /**
   * Lets `fill` append to the open batch, at once, and resolves when what it appended is durable.
   * Whatever `fill` throws leaves nothing behind and rejects (MalformedError from the decoders). Rejects
   * with CloverError `collector.full` (429), `collector.insert_failed` and `collector.closed` (503), all
   * three worth a retry, or `collector.request_too_large` (413).
   */
  submit(fill: (builder: SpanBatchBuilder) => SpanCounts): Promise<SubmitResult>;
  /** Whether a request would be refused as `collector.full` right now. */
  isFull(): boolean;
  /** The error for a request that comes now and need not even be read, counted as refused; undefined when there is room. */
  refusal(): CloverError | undefined;
  /** How long a refused client should wait. */
  retryAfterMs(): number;
  stats(): PipelineStats;
  /** Takes no more, waits until everything accepted is durable or failed. */
  close(): Promise<void>;
}

interface Batch {
  readonly builder: SpanBatchBuilder;
  openedAtMs: number;
  waiting: { resolve: () => void; reject: (error: unknown) => void }[];
}

const INSERT_MS_BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
const BATCH_BOUNDS = [10, 100, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000];

/** A builder that grew beyond this is left to the garbage collector. */
const MAX_SPARE_BYTES = 96 * 1024 * 1024;

/** The one way of spans into the store. */
export function createPipeline(options: PipelineOptions): SpanPipeline {
  const limits = { ...DEFAULT_PIPELINE_LIMITS, ...options.limits };
  const clock = options.clock ?? SYSTEM_CLOCK;
  const templater = createUrlTemplater();
  const spare: SpanBatchBuilder[] = [];
  const sealed: Batch[] = [];
  const insertMs = new HistogramRecorder(INSERT_MS_BOUNDS);
  const batchSpans = new HistogramRecorder(BATCH_BOUNDS);
  let open = openBatch();
  let pendingSpans = 0;
  /** Of sealed and running batches; the open one is asked. */
  let sealedBytes = 0;
  let inFlight = 0;
  let insertedSpans = 0;
  let inserts = 0;
  let failedInserts = 0;
  let refusedFull = 0;
  let negativeDurations = 0;
  let lastInsertMs = 0;
  let lastInsertEndedAtMs = -Infinity;
  let scheduled = false;
  let cancelTimer: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  function openBatch(): Batch {
    const builder =
      spare.pop() ??
      new SpanBatchBuilder({
        maxSpans: limits.batchSpans,
        maxStringBytes: limits.batchStringBytes,
        templater,
      });
    return { builder, openedAtMs: 0, waiting: [] };
  }

  function isFull(): boolean {
    return (
      pendingSpans >= limits.pendingSpans ||
      sealedBytes + open.builder.byteLength >= limits.pendingBytes
    );
  }

  function refusal(): CloverError | undefined {
    if (closing) return closedError();
    if (!isFull()) return undefined;
    refusedFull++;
    return fullError();
  }

  /** Appends to the open batch, or to a fresh one when it has no room. */
  function append(fill: (builder: SpanBatchBuilder) => SpanCounts): SpanCounts {
    try {
      return attempt(open.builder, fill);
    } catch (error) {
      if (!(error instanceof BuilderFullError)) throw error;
      if (open.builder.count === 0) throw tooLargeError(error.limit);
    }
    seal();
    scheduleAdvance();
    try {
      return attempt(open.builder, fill);
    } catch (error) {
      throw error instanceof BuilderFullError ? tooLargeError(error.limit) : error;
    }
  }

  function seal(): void {
    sealedBytes += open.builder.byteLength;
    sealed.push(open);
    open = openBatch();
  }

  /** Requests that arrived in the same turn of the event loop go along. */
  function scheduleAdvance(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      advance();
    });
  }

  /** Starts what may start now, sets the timer for what may later. */
  function advance(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    while (inFlight < limits.inFlight) {
      if (sealed.length === 0) {
        if (open.waiting.length === 0) break;
        const waitMs = dueInMs();
        if (waitMs > 0) {
          cancelTimer = clock.after(waitMs, advance);
          return;
        }
        seal();
      }
      void insert(sealed.shift()!);
    }
  }

  function dueInMs(): number {
    if (closing || open.builder.count >= limits.eagerSpans) return 0;
    const rested = lastInsertEndedAtMs + lastInsertMs * limits.restFactor;
    const due = Math.min(
      Math.max(open.openedAtMs + limits.latencyMs, rested),
      open.openedAtMs + limits.maxLatencyMs,
    );
    return due - clock.now();
  }

  async function insert(batch: Batch): Promise<void> {
    const { builder, waiting } = batch;
    const spans = builder.count;
    const bytes = builder.byteLength;
    inFlight++;
    inserts++;
    const began = clock.now();
    let failure: { cause: unknown } | undefined;
    try {
      await options.sink.writeSpans(builder.finish());
      insertedSpans += spans;
    } catch (error) {
      failedInserts++;
      failure = { cause: error };
    }
    lastInsertEndedAtMs = clock.now();
    lastInsertMs = lastInsertEndedAtMs - began;
    insertMs.record(lastInsertMs);
    batchSpans.record(spans);
    negativeDurations += builder.negativeDurations;
    inFlight--;
    pendingSpans -= spans;
    sealedBytes -= bytes;
    if (spare.length <= limits.inFlight && builder.heldBytes <= MAX_SPARE_BYTES) {
      builder.reset();
      spare.push(builder);
    }
    for (const { resolve, reject } of waiting) {
      if (failure === undefined) resolve();
      else reject(insertFailedError(failure.cause));
    }
    advance();
    if (inFlight === 0 && sealed.length === 0 && open.waiting.length === 0) drained?.();
  }

  return {
    async submit(fill) {
      const refused = refusal();
      if (refused) throw refused;
      const counts = append(fill);
      if (counts.accepted === 0) return { counts, newestUnixMs: 0 };
      pendingSpans += counts.accepted;
      const newestUnixMs = newestEndMs(open.builder, counts.accepted);
      if (open.waiting.length === 0) open.openedAtMs = clock.now();
      const { waiting } = open;
      scheduleAdvance();
      await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      return { counts, newestUnixMs };
    },
    isFull,
    refusal,
    retryAfterMs: () => Math.min(30_000, Math.max(1000, lastInsertMs * 2)),
    stats: () => ({
      pendingSpans,
      pendingBytes: sealedBytes + open.builder.byteLength,
      limitSpans: limits.pendingSpans,
      limitBytes: limits.pendingBytes,
      inFlight,
      insertedSpans,
      inserts,
      failedInserts,
      refusedFull,
      negativeDurations,
      lastInsertMs,
      insertMs: insertMs.snapshot(),
      batchSpans: batchSpans.snapshot(),
      urls: templater.stats(),
    }),
    close() {
      closing ??= new Promise((resolve) => {
        drained = resolve;
        if (inFlight === 0 && sealed.length === 0 && open.waiting.length === 0) resolve();
      });
      advance();
      return closing;
    },
  };
}

function attempt(
  builder: SpanBatchBuilder,
  fill: (builder: SpanBatchBuilder) => SpanCounts,
): SpanCounts {
  const mark = builder.mark();
  try {
    return fill(builder);
  } catch (error) {
    builder.rollback(mark);
    throw error;
  }
}

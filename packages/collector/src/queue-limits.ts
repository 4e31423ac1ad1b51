/** Bounds of the pipeline; memory held for spans is at most about `pendingBytes` plus one batch. */
export interface PipelineLimits {
  /** Spans accepted and not yet durable; more are refused with `collector.full`. */
  readonly pendingSpans: number;
  /** Bytes of batches not yet durable; more are refused with `collector.full`. */
  readonly pendingBytes: number;
  /** A batch of so many spans is closed even while the sink is busy. */
  readonly batchSpans: number;
  /** Bytes of distinct strings in one batch. */
  readonly batchStringBytes: number;
  /** A batch of so many spans goes out as soon as the sink is free. */
  readonly eagerSpans: number;
  /** How long a smaller batch waits for company, at least. */
  readonly latencyMs: number;
  /** And at most, however slow inserts are. */
  readonly maxLatencyMs: number;
  /** A smaller batch leaves the sink alone for so many times as long as the last insert took. */
  readonly restFactor: number;
  /** Inserts at the same time. */
  readonly inFlight: number;
}

export const DEFAULT_PIPELINE_LIMITS: PipelineLimits = {
  pendingSpans: 200_000,
  pendingBytes: 256 * 1024 * 1024,
  batchSpans: 50_000,
  batchStringBytes: 64 * 1024 * 1024,
  eagerSpans: 2_000,
  latencyMs: 10,
  maxLatencyMs: 200,
  restFactor: 2,
  inFlight: 1,
};

/** Time and timers; the tests bring their own. */
export interface Clock {
  now(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

// What the rest of Clover sees of the store.
import type { IdsAlert, MetricBatch, Signal, SpanBatch, UploadReport } from '@clover/model';

/** The read side: all that the analysis functions need. */
export interface Queryable {
  /**
   * Rows of a SELECT as objects, in the order the SQL says. `{name:Type}` in the SQL is bound from
   * `params` as a value, never as text. 64-bit integers come as numbers: wrap those that may pass 2^53
   * (nanosecond times, ids) in toString().
   * Throws CloverError `store.query_timeout`, `store.query_too_large` or `store.query_failed`.
   */
  select<Row = Record<string, unknown>>(
    sql: string,
    params?: Record<string, unknown>,
    options?: SelectOptions,
  ): Promise<Row[]>;
}

export interface SelectOptions {
  /** The engine gives up after this long; 30 s when not given. */
  readonly timeoutMs?: number;
  /** An aborted query's promise rejects at once; one still waiting in the queue never starts. */
  readonly signal?: AbortSignal;
  /** Takes seconds where there is much: such queries leave a session of the engine to the others. */
  readonly heavy?: boolean;
}

export interface Refusal {
  readonly timeMs: number;
  readonly source: string;
  readonly signal: Signal;
  readonly reason: string;
  readonly count: number;
}

/** A time of which a source gave nothing, or not all. */
export interface Gap {
  readonly source: string;
  readonly signal: Signal;
  readonly startMs: number;
  readonly endMs: number;
  readonly reason: string;
}

export interface StoreInfo {
  /** Such as `ClickHouse 26.7.3 (embedded)`. */
  readonly engine: string;
  /** Number of the newest migration applied. */
  readonly schema: number;
  readonly bytesOnDisk: number;
  /** Per table, derived ones too. Rows count duplicates not merged yet. */
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bytesOnDisk: number;
    readonly parts: number;
  }[];
  /** Minutes whose rollups wait to be computed. */
  readonly dirtyMinutes: number;
}

export interface Store extends Queryable {
  readonly kind: 'embedded' | 'cluster';
  /** Resolves when every span is durable: a kill -9 later loses none of them. An empty batch is no work. */
  writeSpans(batch: SpanBatch): Promise<void>;
  /** As writeSpans, for metric points. */
  writeMetrics(batch: MetricBatch): Promise<void>;
  /** Counts what a receiver refused. */
  recordRefusals(rows: readonly Refusal[]): Promise<void>;
  /** Answers about its time and signal say so. One with the same source, signal and start is written over. */
  recordGap(gap: Gap): Promise<void>;
  /** Takes what lies at `fromMs` and later out of the gaps of a source: it has given that after all. */
  closeGaps(gaps: {
    readonly source: string;
    readonly signal: Signal;
    readonly fromMs: number;
  }): Promise<void>;
  /** For a start, before anything is asked: gaps that a process that died left open reach until now at most. */
  endLeftGaps(): Promise<void>;
  /** Alerts of the IDS and uploads of the servers; one that comes again counts once. */
  writeAlerts(alerts: readonly IdsAlert[]): Promise<void>;
  writeUploads(uploads: readonly UploadReport[]): Promise<void>;
  /** Runs a statement that answers nothing. Throws CloverError as select does. */
  command(sql: string, params?: Record<string, unknown>): Promise<void>;
  /** A small JSON document by key; undefined when it was never put. */
  getState<T>(key: string): Promise<T | undefined>;
  putState(key: string, value: unknown): Promise<void>;
  /** Computes every dirty window now instead of in the background. */
  refreshRollups(): Promise<void>;
  /** Removes all spans (with everything derived from them) or all metrics. */
  clear(what: readonly ('spans' | 'metrics')[]): Promise<void>;
  info(): Promise<StoreInfo>;
  /** Waits for writes under way, then lets the data directory go. Idempotent. */
  close(): Promise<void>;
}

/** Days that each kind of data is kept. Rounded up to whole days: day partitions are dropped whole. */
export interface Retention {
  readonly spansDays: number;
  readonly rollupsDays: number;
  readonly metricsDays: number;
}

export interface StoreLogger {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface StoreOptions {
  /** Embedded engine: where its data lies. Needed when `clickhouse` is not given. */
  readonly dataDir?: string;
  /** A ClickHouse server or cluster instead of the embedded engine. */
  readonly clickhouse?: {
    /** http:// or https:// */
    readonly url: string;
    readonly user?: string;
    readonly password?: string;
    /** `clover` when not given; created when missing. */
    readonly database?: string;
    /** Name in the server's remote_servers: tables are replicated and distributed over it. */
    readonly cluster?: string;
    readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  };
  readonly retention?: Partial<Retention>;
  readonly clock?: () => number;
  readonly logger?: StoreLogger;
  /** Queries at once in the embedded engine; 2 when not given. */
  readonly readSessions?: number;
  /** false: rollups are computed only by refreshRollups(). */
  readonly backgroundRollups?: boolean;
  /** Spans whose calls a rollup joins in one statement, which bounds its memory; 120,000 when not given. */
  readonly rollupSpansAtOnce?: number;
}

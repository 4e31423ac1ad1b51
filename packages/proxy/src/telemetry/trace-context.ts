// The place of a request in its trace.

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the span that this proxy reports, 16 hexadecimal digits. */
  readonly spanId: string;
  /** Of the caller's span; '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
}

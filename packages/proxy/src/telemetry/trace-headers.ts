// The headers of a request that tell where it stands in a trace, picked out while the headers are read.

/** Fill one per request with `offer`; it may be used again after `clear`. */
export class TraceHeaders {
  traceparent: string | undefined = undefined;
  tracestate: string | undefined = undefined;
  b3: string | undefined = undefined;
  b3TraceId: string | undefined = undefined;
  b3SpanId: string | undefined = undefined;
  b3Sampled: string | undefined = undefined;
  b3Flags: string | undefined = undefined;
  requestId: string | undefined = undefined;
  forced = false;

  clear(): void {
    this.traceparent = undefined;
    this.tracestate = undefined;
    this.b3 = undefined;
    this.b3TraceId = undefined;
    this.b3SpanId = undefined;
    this.b3Sampled = undefined;
    this.b3Flags = undefined;
    this.requestId = undefined;
    this.forced = false;
  }

  /**
   * Keeps the value when the name (lower case) belongs to tracing; false for all others. Told apart by
   * length first, so that other headers cost one comparison.
   */
  offer(name: string, value: string): boolean {
    switch (name.length) {
      case 2:
        if (name !== 'b3') return false;
        this.b3 = value;
        return true;
      case 10:
        if (name === 'tracestate') {
          // A list may be spread over several headers (W3C Trace Context 3.3.1).
          this.tracestate = this.tracestate === undefined ? value : `${this.tracestate},${value}`;
          return true;
        }
        if (name !== 'x-b3-flags') return false;
        this.b3Flags = value;
        return true;
      case 11:
        if (name === 'traceparent') {
          // Twice is none (W3C Trace Context 3.2).
          this.traceparent = this.traceparent === undefined ? value : '';
          return true;
        }
        if (name !== 'x-b3-spanid') return false;
        this.b3SpanId = value;
        return true;
      case 12:
        if (name === 'x-request-id') this.requestId = value;
        else if (name === 'x-b3-traceid') this.b3TraceId = value;
        else if (name === 'x-b3-sampled') this.b3Sampled = value;
        else return false;
        return true;
      case 17:
        // Is written anew from the span's parent, its value is not used.
        return name === 'x-b3-parentspanid';
      case 19:
        if (name !== 'x-envoy-force-trace') return false;
        this.forced = true;
        return true;
      default:
        return false;
    }
  }
}

/** The names that `writeTraceHeaders` writes: what arrived under them is not to be sent on beside. */
export const PROPAGATION_HEADERS: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
]);

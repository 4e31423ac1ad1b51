// The spans of a trace as they are worked on in memory: one object per span, ids as text.

export interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly direction: number;
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly durationNs: number;
  readonly failed: boolean;
  readonly httpStatus: number;
  readonly weight: number;
}

export interface RawSpanRow {
  trace_hex: string;
  span_hex: string;
  parent_hex: string;
  service: string;
  name: string;
  kind: number;
  direction: number;
  start_ns: string;
  duration: number;
  failed: number;
  http_status: number;
  weight: number;
}

/** SELECT list that gives RawSpanRow. */
export const RAW_SPAN_COLUMNS = `lower(hex(trace_id)) AS trace_hex, lower(hex(span_id)) AS span_hex,
  if(empty(parent_id), '', lower(hex(parent_id))) AS parent_hex, toString(service) AS service, toString(name) AS name,
  kind, direction, toString(toUnixTimestamp64Nano(start)) AS start_ns, toFloat64(duration_ns) AS duration,
  toUInt8(status = 2 OR http_status >= 500) AS failed, http_status, weight`;

/** A row of RAW_SPAN_COLUMNS as an object. */
export function rawSpan(row: RawSpanRow): RawSpan {
  return {
    traceId: row.trace_hex,
    spanId: row.span_hex,
    parentSpanId: row.parent_hex,
    service: row.service,
    name: row.name,
    kind: row.kind,
    direction: row.direction,
    start: BigInt(row.start_ns),
    durationNs: row.duration,
    failed: row.failed === 1,
    httpStatus: row.http_status,
    weight: row.weight,
  };
}

// A span as OpenTelemetry describes it, in the form used where speed does not matter (imports,
// pulls, tests). The hot path uses the columnar SpanBatch instead.

export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** OTLP's numbers: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
export const SPAN_KINDS = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** OTLP's numbers: 0 unset, 1 ok, 2 error. */
export const STATUS_CODES = ['unset', 'ok', 'error'] as const;
export type StatusCode = (typeof STATUS_CODES)[number];

/** Which side of a call a span stands on; Envoy's `upstream_cluster` says it for proxies, the kind otherwise. */
export const DIRECTIONS = ['none', 'inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

export interface SpanLink {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly traceState?: string;
  readonly attributes: Attributes;
}

export interface Span {
  /** 32 lower-case hex digits; a 64-bit id is padded with zeros on the left. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** 16 lower-case hex digits, empty for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: bigint;
  readonly durationNs: bigint;
  readonly status: { readonly code: StatusCode; readonly message: string };
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly resource: { readonly attributes: Attributes };
  readonly scope: { readonly name: string; readonly version: string };
}

// The hot path's form of spans: columns of numbers and one table of strings, as ClickHouse's Native
// format wants them. The collector builds it, the store writes it; nobody makes an object per span.

/** Columns that hold, per span, an index into `strings`. */
export const STRING_COLUMNS = [
  'service',
  'version', // service.version, istio.canonical_revision, …
  'namespace', // service.namespace, k8s.namespace.name
  'node', // service.instance.id, k8s.pod.name, Envoy's node_id: which instance answered
  'name',
  'statusMessage',
  'traceState',
  'httpMethod',
  'httpRoute', // http.route, empty when the source did not say
  'urlHost',
  'urlTemplate', // path with its variable parts replaced by {…}; no host, no query
  'userAgent',
  'userAgentFamily',
  'peer', // service or host on the other side, as this span names it
  'responseFlags', // Envoy's: UF, NR, FI, …; empty when none
  'upstreamCluster',
  'subset', // the DestinationRule subset that a proxy chose
  'scopeName',
  'exceptionType',
  'exceptionMessage',
  'events', // JSON array text, empty for none
  'links', // JSON array text, empty for none
  'source', // which receiver or pull brought it: otlp-grpc, otlp-http, zipkin, jaeger, import
] as const;
export type StringColumnName = (typeof STRING_COLUMNS)[number];

/** Lists of attributes laid end to end: those of item i stand in [ends[i-1] ?? 0, ends[i]). */
export interface AttributeLists {
  /** One per item: the end of its attributes, exclusive. */
  readonly ends: Uint32Array;
  /** Indexes into `strings`. */
  readonly keys: Uint32Array;
  /** Indexes into `strings`: the value as text (numbers in decimal, arrays and maps as JSON). */
  readonly values: Uint32Array;
}

/** 'string' | 'int' | 'double' | 'bool' | 'json' | 'bytes' in this order. */
export const ATTRIBUTE_TYPES = ['string', 'int', 'double', 'bool', 'json', 'bytes'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

export interface SpanBatch {
  readonly count: number;
  /** strings[0] is the empty string. May be decoded from `utf8` on first use: prefer `utf8` where it is there. */
  readonly strings: readonly string[];
  /** The same strings as UTF-8, laid end to end: string i stands in bytes[ends[i-1] ?? 0, ends[i]). */
  readonly utf8?: { readonly bytes: Uint8Array; readonly ends: Uint32Array };
  /** 16 bytes each. */
  readonly traceIds: Uint8Array;
  /** 8 bytes each. */
  readonly spanIds: Uint8Array;
  /** 8 bytes each, all zero for a root. */
  readonly parentSpanIds: Uint8Array;
  readonly startTimesUnixNano: BigUint64Array;
  readonly durationsNs: BigUint64Array;
  /** Index into SPAN_KINDS. */
  readonly kinds: Uint8Array;
  /** Index into STATUS_CODES. */
  readonly statusCodes: Uint8Array;
  /** Index into DIRECTIONS. */
  readonly directions: Uint8Array;
  /** 0 when not HTTP or unknown. */
  readonly httpStatusCodes: Uint16Array;
  /** How many requests this span stands for: 1/p; 1 when not sampled. */
  readonly sampleWeights: Float64Array;
  readonly columns: Readonly<Record<StringColumnName, Uint32Array>>;
  readonly attributes: AttributeLists;
  /** Distinct resources of this batch. */
  readonly resources: AttributeLists;
  /** Per span, the index of its resource. */
  readonly resourceIndexes: Uint32Array;
  /** Per distinct attribute key seen in this batch (index into strings) its last type (index into ATTRIBUTE_TYPES). */
  readonly attributeTypes: ReadonlyMap<number, number>;
}

/** One string of a batch, without decoding the others. */
export function batchText(batch: SpanBatch, id: number): string {
  if (!batch.utf8) return batch.strings[id]!;
  const { bytes, ends } = batch.utf8;
  return new TextDecoder().decode(bytes.subarray(id === 0 ? 0 : ends[id - 1]!, ends[id]));
}

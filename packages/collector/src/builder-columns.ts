import { STRING_COLUMNS, type StringColumnName } from '@clover/model';
import { grown } from './builder-byte-table.ts';

/** The per-span columns of an open batch; all grow together. */
export class SpanColumns {
  capacity: number;
  traceIds: Uint8Array;
  spanIds: Uint8Array;
  parentSpanIds: Uint8Array;
  /** Little-endian halves of 64-bit numbers, low first: BigInt stays off the hot path. */
  startTimes: Uint32Array;
  durations: Uint32Array;
  kinds: Uint8Array;
  statusCodes: Uint8Array;
  directions: Uint8Array;
  httpStatusCodes: Uint16Array;
  sampleWeights: Float64Array;
  resourceIndexes: Uint32Array;
  strings: Record<StringColumnName, Uint32Array>;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.traceIds = new Uint8Array(capacity * 16);
    this.spanIds = new Uint8Array(capacity * 8);
    this.parentSpanIds = new Uint8Array(capacity * 8);
    this.startTimes = new Uint32Array(capacity * 2);
    this.durations = new Uint32Array(capacity * 2);
    this.kinds = new Uint8Array(capacity);
    this.statusCodes = new Uint8Array(capacity);
    this.directions = new Uint8Array(capacity);
    this.httpStatusCodes = new Uint16Array(capacity);
    this.sampleWeights = new Float64Array(capacity);
    this.resourceIndexes = new Uint32Array(capacity);
    this.strings = perColumn(() => new Uint32Array(capacity));
  }

  grow(): void {
    const capacity = this.capacity * 2;
    this.traceIds = grown(this.traceIds, capacity * 16);
    this.spanIds = grown(this.spanIds, capacity * 8);
    this.parentSpanIds = grown(this.parentSpanIds, capacity * 8);
    this.startTimes = grown(this.startTimes, capacity * 2);
    this.durations = grown(this.durations, capacity * 2);
    this.kinds = grown(this.kinds, capacity);
    this.statusCodes = grown(this.statusCodes, capacity);
    this.directions = grown(this.directions, capacity);
    this.httpStatusCodes = grown(this.httpStatusCodes, capacity);
    this.sampleWeights = grown(this.sampleWeights, capacity);
    this.resourceIndexes = grown(this.resourceIndexes, capacity);
    this.strings = perColumn((name) => grown(this.strings[name], capacity));
    this.capacity = capacity;
  }
}

export function perColumn<T>(make: (name: StringColumnName) => T): Record<StringColumnName, T> {
  const entries = STRING_COLUMNS.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as Record<StringColumnName, T>; // one entry per name
}

// The open batch: every receiver and pull writes its spans here, column by column. Strings are
// interned from their bytes; what follows from a string (its canonical name, its URL's template, …) is
// worked out once per distinct string, not once per span.

import type { Span, SpanBatch } from '@clover/model';
import { AttributeTranslator, GrowingLists } from './builder-attributes.ts';
import { batchOf } from './builder-batch.ts';
import { ByteTable, grown } from './builder-byte-table.ts';
import { SpanColumns } from './builder-columns.ts';
import { BuilderFullError } from './builder-limits.ts';
import { Promoter, type PromotedSpan } from './builder-promote.ts';
import { ResourceTable } from './builder-resources.ts';
import { appendSpanObject } from './builder-span-object.ts';
import { StringTable, TEXT } from './builder-strings.ts';
import { ROLE, ROLE_COUNT } from './processors/roles.ts';
import { createUrlTemplater, type UrlTemplater } from './processors/url-template.ts';

/** Why a span of a well-formed request is not taken. */
export type SpanRefusal = 'invalid_trace_id' | 'invalid_span_id' | 'invalid_time';

export interface BuilderOptions {
  /** Spans in a batch; more throw BuilderFullError. */
  readonly maxSpans?: number;
  /** Bytes of distinct strings in a batch; more throw BuilderFullError. */
  readonly maxStringBytes?: number;
  /** Learned URL shapes, to be shared by all builders of a process. */
  readonly templater?: UrlTemplater;
}

/** A point to go back to. */
export interface BuilderMark {
  readonly spans: number;
  readonly strings: number;
  readonly resources: number;
  readonly pairs: number;
  readonly resourceMessages: number;
}

/** High half of the last nanosecond that fits ClickHouse's DateTime (February 2106). */
const LAST_TIME_HIGH = 0x3b9a_c9ff;
const KINDS: Readonly<Record<string, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

export class SpanBatchBuilder {
  readonly strings: StringTable;
  readonly translator: AttributeTranslator;
  /** Whole encoded attributes and resources seen in this batch; the OTLP decoder keeps them. */
  readonly pairs: ByteTable;
  readonly resourceMessages: ByteTable;
  /** Look-ups among the pairs since they were last judged, negative while they rest; and hits. */
  pairTries = 0;
  pairHits = 0;
  /** By pair: ids of key and value, type. */
  pairParts = new Uint32Array(4096 * 3);
  /** By resource message: its resource. */
  readonly resourceOfMessage: number[] = [];
  readonly columns: SpanColumns;
  readonly attributes = new GrowingLists();
  readonly resources = new ResourceTable();
  count = 0;
  /** Spans whose end stood before their start: kept with a duration of 0. */
  negativeDurations = 0;

  /** Fields of the span at hand, set between beginSpan and endSpan. 64-bit times as unsigned halves. */
  kind = 0;
  statusCode = 0;
  statusMessage: number = TEXT.empty;
  name: number = TEXT.empty;
  traceState: number = TEXT.empty;
  scopeName: number = TEXT.empty;
  events: number = TEXT.empty;
  links: number = TEXT.empty;
  exceptionType: number = TEXT.empty;
  exceptionMessage: number = TEXT.empty;
  source: number = TEXT.empty;
  resource = 0;
  startLow = 0;
  startHigh = 0;
  endLow = 0;
  endHigh = 0;

  private readonly maxSpans: number;
  private readonly promoter: Promoter;
  private readonly roleValues = new Uint32Array(ROLE_COUNT);
  private readonly promoted: PromotedSpan = {
    row: 0,
    kind: 0,
    resource: { service: 0, version: 0, namespace: 0, node: 0 },
    traceState: 0,
    exceptionType: 0,
    exceptionMessage: 0,
  };

  constructor(options: BuilderOptions = {}) {
    const maxBytes = options.maxStringBytes ?? 64 * 1024 * 1024;
    this.maxSpans = options.maxSpans ?? 100_000;
    this.strings = new StringTable({ maxBytes, items: 4096, bytes: 256 * 1024 });
    this.translator = new AttributeTranslator(this.strings);
    this.pairs = new ByteTable({ maxBytes, items: 4096 });
    this.resourceMessages = new ByteTable({ maxBytes });
    this.columns = new SpanColumns(Math.min(1024, this.maxSpans));
    this.promoter = new Promoter(this.strings, options.templater ?? createUrlTemplater());
  }

  /** Appends one span in object form, from `source`. Returns why it was refused, undefined when it was taken. Throws BuilderFullError. */
  appendSpan(span: Span, source: string): SpanRefusal | undefined {
    return appendSpanObject(this, span, source);
  }

  /** Bytes this batch holds in memory. */
  get byteLength(): number {
    return (
      this.strings.byteLength +
      this.pairs.byteLength +
      this.resourceMessages.byteLength +
      this.count * 200 +
      (this.attributes.length + this.resources.lists.length) * 8
    );
  }

  /** Bytes of memory it keeps when it is emptied, about. */
  get heldBytes(): number {
    const perString = 100;
    return (
      this.strings.arena.length +
      this.strings.ends.length * perString +
      this.pairs.arena.length +
      this.resourceMessages.arena.length +
      this.columns.capacity * 200 +
      this.attributes.keys.length * 8
    );
  }

  mark(): BuilderMark {
    return {
      spans: this.count,
      strings: this.strings.count,
      resources: this.resources.lists.items,
      pairs: this.pairs.count,
      resourceMessages: this.resourceMessages.count,
    };
  }

  /** Takes everything back that came after the mark. */
  rollback(mark: BuilderMark): void {
    this.count = mark.spans;
    this.attributes.truncate(mark.spans);
    this.resources.truncate(mark.resources);
    this.pairs.truncate(mark.pairs);
    this.resourceMessages.truncate(mark.resourceMessages);
    if (this.strings.count > mark.strings) {
      this.strings.truncate(mark.strings);
      // What older strings remember may name a string that is gone.
      this.strings.clearMemos();
      this.promoter.clear();
      this.translator.clear();
    }
    this.translator.pending = 0;
  }

  /** Empties the builder for the next batch; its memory stays. */
  reset(): void {
    this.count = 0;
    this.negativeDurations = 0;
    this.attributes.truncate(0);
    this.resources.truncate(0);
    this.pairs.clear();
    this.resourceMessages.clear();
    this.strings.clear();
    this.promoter.clear();
    this.translator.clear();
  }

  /** The pending attributes become a resource; returns its index. Equal lists give the same index. */
  addResource(): number {
    return this.resources.add(this.translator, this.strings);
  }

  /** Remembers an encoded attribute whose parts are known; `hash` is its ByteTable hash. */
  addPair(
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number,
    key: number,
    value: number,
    type: number,
  ): void {
    const pair = this.pairs.add(bytes, start, end, hash);
    if (pair * 3 >= this.pairParts.length)
      this.pairParts = grown(this.pairParts, this.pairParts.length * 2);
    this.pairParts[pair * 3] = key;
    this.pairParts[pair * 3 + 1] = value;
    this.pairParts[pair * 3 + 2] = type;
  }

  /** Starts a span; its ids are to be written at `count` * 16 and * 8 of the id columns. Throws BuilderFullError. */
  beginSpan(): void {
    if (this.count >= this.maxSpans) throw new BuilderFullError('spans');
    if (this.count === this.columns.capacity) this.columns.grow();
    const row = this.count;
    zero(this.columns.traceIds, row * 16, 16);
    zero(this.columns.spanIds, row * 8, 8);
    zero(this.columns.parentSpanIds, row * 8, 8);
    this.translator.pending = 0;
    this.kind = 0;
    this.statusCode = 0;
    this.statusMessage = TEXT.empty;
    this.name = TEXT.empty;
    this.traceState = TEXT.empty;
    this.events = TEXT.empty;
    this.links = TEXT.empty;
    this.exceptionType = TEXT.empty;
    this.exceptionMessage = TEXT.empty;
    this.startLow = this.startHigh = this.endLow = this.endHigh = 0;
  }

  /** Ends the span begun: it is in the batch, unless a reason against it is returned. */
  endSpan(): SpanRefusal | undefined {
    const { columns, translator, roleValues, promoted } = this;
    const row = this.count;
    const refusal = this.check(row);
    if (refusal !== undefined) {
      translator.pending = 0;
      return refusal;
    }
    let kind = this.kind;
    if (kind === 0) kind = this.kindFromAttribute();

    roleValues.fill(0);
    translator.flush(this.attributes, kind === 2 || kind === 5, roleValues);

    promoted.row = row;
    promoted.kind = kind;
    promoted.resource = this.resources.columns[this.resource]!;
    promoted.traceState = this.traceState;
    promoted.exceptionType = this.exceptionType;
    promoted.exceptionMessage = this.exceptionMessage;
    this.promoter.promote(columns, promoted, roleValues);

    const to = columns.strings;
    to.name[row] = this.name;
    to.traceState[row] = this.traceState;
    to.scopeName[row] = this.scopeName || roleValues[ROLE.otelScopeName]!;
    to.events[row] = this.events;
    to.links[row] = this.links;
    to.source[row] = this.source;
    columns.kinds[row] = kind;
    columns.resourceIndexes[row] = this.resource;
    this.setStatus(row);
    this.setTimes(row);
    this.attributes.endItem();
    this.count = row + 1;
    return undefined;
  }

  /** The batch. Its arrays are this builder's own: done with before reset(). */
  finish(): SpanBatch {
    return batchOf(this);
  }

  private check(row: number): SpanRefusal | undefined {
    const { traceIds, spanIds } = this.columns;
    if (allZero(traceIds, row * 16, 16)) return 'invalid_trace_id';
    if (allZero(spanIds, row * 8, 8)) return 'invalid_span_id';
    if (this.startHigh >= LAST_TIME_HIGH || (this.startHigh === 0 && this.startLow === 0))
      return 'invalid_time';
    return undefined;
  }

  /** OpenTracing's and Zipkin's exporters say the kind in a tag. */
  private kindFromAttribute(): number {
    if (this.translator.pending === 0) return 0;
    const value = this.translator.pendingValue(this.strings.internString('span.kind'));
    return value === TEXT.empty ? 0 : (KINDS[this.strings.text(value).toLowerCase()] ?? 0);
  }

  private setStatus(row: number): void {
    const { roleValues, strings } = this;
    let code = this.statusCode;
    let message = this.statusMessage;
    if (code === 0 && roleValues[ROLE.otelStatusCode] !== TEXT.empty) {
      const text = strings.text(roleValues[ROLE.otelStatusCode]!).toUpperCase();
      code = text === 'ERROR' ? 2 : text === 'OK' ? 1 : 0;
    }
    if (message === TEXT.empty) message = roleValues[ROLE.otelStatusDescription]!;
    const error = roleValues[ROLE.error]!;
    if (code === 0 && error !== TEXT.empty && error !== TEXT.false) {
      code = 2;
      // Zipkin's convention: the tag's value is the message.
      if (message === TEXT.empty && error !== TEXT.true) message = error;
    }
    this.columns.statusCodes[row] = code;
    this.columns.strings.statusMessage[row] = message;
  }

  private setTimes(row: number): void {
    const { startTimes, durations } = this.columns;
    startTimes[row * 2] = this.startLow;
    startTimes[row * 2 + 1] = this.startHigh;
    const low = this.endLow - this.startLow;
    const high = this.endHigh - this.startHigh - (low < 0 ? 1 : 0);
    if (high < 0) this.negativeDurations++;
    durations[row * 2] = high < 0 ? 0 : low;
    durations[row * 2 + 1] = high < 0 ? 0 : high;
  }
}

function zero(bytes: Uint8Array, start: number, length: number): void {
  for (let i = start; i < start + length; i++) bytes[i] = 0;
}

function allZero(bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}

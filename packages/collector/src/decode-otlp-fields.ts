// What the messages of a trace request share: texts, ids, counts and attributes, read in place.

import { TYPE } from './builder-attributes.ts';
import type { SpanBatchBuilder } from './builder.ts';
import { toHex } from './builder-span-object.ts';
import { MalformedError } from './decode-error.ts';
import { AnyValueReader } from './decode-otlp-value.ts';
import { WireReader } from './decode-wire.ts';

const MAX_PAIR_BYTES = 160;
/** More would not stay in the processor's cache, and then parsing is as fast. */
const MAX_PAIRS = 1 << 13;
/** After so many look-ups it is judged whether they pay, and if not they rest for RESTING attributes. */
const JUDGED = 4096;
const PAYING_HITS = JUDGED * 0.6;
const RESTING = 32_768;

export class OtlpFieldReader {
  readonly reader: WireReader;
  readonly values: AnyValueReader;
  readonly builder: SpanBatchBuilder;

  constructor(bytes: Uint8Array, builder: SpanBatchBuilder) {
    this.reader = new WireReader(bytes);
    this.values = new AnyValueReader(this.reader, builder.strings);
    this.builder = builder;
  }

  /** The end of the field that starts here, which lies before `end`. */
  innerEnd(end: number): number {
    const length = this.reader.length(end);
    return this.reader.pos + length;
  }

  /** One KeyValue into the pending attributes; an encoding seen twice before costs one look-up. */
  attribute(end: number, index: number): void {
    const { reader, builder } = this;
    const { translator } = builder;
    const start = reader.pos;
    const pairs = builder.pairs;
    const short = end - start <= MAX_PAIR_BYTES && this.worthLookingUp();
    if (short) {
      const pair = pairs.find(reader.view, start, end);
      if (pair >= 0) {
        builder.pairHits++;
        const at = pair * 3;
        translator.add(
          builder.pairParts[at]!,
          builder.pairParts[at + 1]!,
          builder.pairParts[at + 2]!,
        );
        reader.pos = end;
        return;
      }
    }
    const hash = pairs.lastHash;
    const stringsBefore = builder.strings.count;
    try {
      this.values.keyValue(end);
    } catch (error) {
      throw located(error, `attributes[${index}]`);
    }
    const { key, value, type } = this.values;
    translator.add(key, value, type);
    // Values that never come again do not get into the table.
    if (short && value < stringsBefore && pairs.count < MAX_PAIRS)
      builder.addPair(reader.bytes, start, end, hash, key, value, type);
  }

  private worthLookingUp(): boolean {
    const { builder } = this;
    if (builder.pairTries < 0) {
      builder.pairTries++;
      return false;
    }
    if (++builder.pairTries === JUDGED) {
      builder.pairTries = builder.pairHits < PAYING_HITS ? -RESTING : 0;
      builder.pairHits = 0;
    }
    return true;
  }

  text(end: number, field: string): number {
    const { reader } = this;
    try {
      const stop = this.innerEnd(end);
      const id = this.builder.strings.internText(reader.bytes, reader.view, reader.pos, stop);
      reader.pos = stop;
      return id;
    } catch (error) {
      throw located(error, field);
    }
  }

  /** An id of exactly `size` bytes; an empty one is all zeros. */
  id(to: Uint8Array, at: number, size: number, end: number, field: string): void {
    const { reader } = this;
    const start = this.idStart(size, end, field);
    if (start < 0) {
      to.fill(0, at, at + size);
      return;
    }
    const { bytes } = reader;
    for (let i = 0; i < size; i++) to[at + i] = bytes[start + i]!;
  }

  hexId(size: number, end: number, field: string): string {
    const start = this.idStart(size, end, field);
    return start < 0 ? '' : toHex(this.reader.bytes, start, start + size);
  }

  /** Where the id's bytes begin; -1 for an empty id. */
  private idStart(size: number, end: number, field: string): number {
    const { reader } = this;
    const length = reader.length(end);
    const start = reader.pos;
    reader.pos += length;
    if (length === size) return start;
    if (length === 0) return -1;
    throw new MalformedError(`an id of ${length} bytes where ${size} are due`).within(field);
  }

  /** What the client says it dropped stays with the span, as OpenTelemetry's other exporters write it. */
  dropped(name: string, end: number): void {
    const { strings, translator } = this.builder;
    const count = this.reader.uint32(end);
    if (count > 0)
      translator.add(strings.internString(name), strings.internString(String(count)), TYPE.int);
  }
}

/** Puts the field before the place of a fault. */
export function located(error: unknown, field: string): unknown {
  return error instanceof MalformedError ? error.within(field) : error;
}

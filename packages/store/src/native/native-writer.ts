// ClickHouse's Native format: one block of columns, as it stands in a file or an HTTP body
// (docs: Formats/Native; the revision without block info or serialization kinds).

const FLAG_HAS_ADDITIONAL_KEYS = 0x200;
const FLAG_NEED_UPDATE_DICTIONARY = 0x400;

/** Strings of a batch as UTF-8: string i stands in bytes[ends[i-1] ?? 0, ends[i]). */
export interface Utf8Strings {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** Grows as it is written to; little-endian, as ClickHouse wants its numbers. */
export class NativeWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(Math.max(1024, capacity));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** The bytes so far; valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  blockHeader(columns: number, rows: number): void {
    this.#varUint(columns);
    this.#varUint(rows);
  }

  columnHeader(name: string, type: string): void {
    this.text(name);
    this.text(type);
  }

  /** Numbers of any width as they lie in memory. */
  numbers(values: ArrayBufferView): void {
    this.raw(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(value: string): void {
    const encoded = Buffer.from(value, 'utf8');
    this.#varUint(encoded.length);
    this.raw(encoded);
  }

  /** A String column: row i is strings[ids[i]]. */
  strings(strings: Utf8Strings, ids: Uint32Array): void {
    for (const id of ids) this.#string(strings, id);
  }

  /** State that stands before the values of a LowCardinality column, or before the offsets of an array of them. */
  lowCardinalityPrefix(): void {
    this.#uint64(1);
  }

  /**
   * A LowCardinality(String) column: the distinct strings of this column, then an index a row.
   * `scratch` maps string ids to places in the dictionary: at least as long as there are strings, all zero, and left so.
   */
  lowCardinality(strings: Utf8Strings, ids: Uint32Array, scratch: Uint32Array): void {
    if (ids.length === 0) return;
    const distinct: number[] = [];
    const places = new Uint32Array(ids.length);
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row]!;
      let place = scratch[id]!;
      if (place === 0) {
        distinct.push(id);
        place = distinct.length;
        scratch[id] = place;
      }
      places[row] = place - 1;
    }
    for (const id of distinct) scratch[id] = 0;
    const indexType = distinct.length <= 0x100 ? 0 : distinct.length <= 0x10000 ? 1 : 2;
    this.#uint64(indexType | FLAG_HAS_ADDITIONAL_KEYS | FLAG_NEED_UPDATE_DICTIONARY);
    this.#uint64(distinct.length);
    for (const id of distinct) this.#string(strings, id);
    this.#uint64(ids.length);
    this.numbers(
      indexType === 0
        ? Uint8Array.from(places)
        : indexType === 1
          ? Uint16Array.from(places)
          : places,
    );
  }

  /** Offsets of an array or map column: where each row's items end. */
  offsets(ends: Uint32Array): void {
    this.#reserve(ends.length * 8);
    for (const end of ends) {
      this.#view.setUint32(this.#at, end, true);
      this.#view.setUint32(this.#at + 4, 0, true);
      this.#at += 8;
    }
  }

  #string({ bytes, ends }: Utf8Strings, id: number): void {
    const start = id === 0 ? 0 : ends[id - 1]!;
    const end = ends[id]!;
    this.#varUint(end - start);
    this.#reserve(end - start);
    // A short copy in a loop beats set(subarray), which makes an object a string.
    if (end - start < 48) for (let at = start; at < end; at++) this.#bytes[this.#at++] = bytes[at]!;
    else {
      this.#bytes.set(bytes.subarray(start, end), this.#at);
      this.#at += end - start;
    }
  }

  #uint64(value: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#at, value >>> 0, true);
    this.#view.setUint32(this.#at + 4, Math.floor(value / 2 ** 32), true);
    this.#at += 8;
  }

  #varUint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The strings of a batch as UTF-8; encoded here when nobody did before. */
export function utf8Of(batch: {
  readonly strings: readonly string[];
  readonly utf8?: Utf8Strings;
}): Utf8Strings {
  if (batch.utf8) return batch.utf8;
  const encoded = batch.strings.map((one) => Buffer.from(one, 'utf8'));
  const ends = new Uint32Array(encoded.length);
  let total = 0;
  encoded.forEach((one, index) => (ends[index] = total += one.length));
  return { bytes: Buffer.concat(encoded), ends };
}

// The one table of strings of a batch, and memos that hang a number on each of them.

import { isUtf8 } from 'node:buffer';
import { ByteTable, grown } from './builder-byte-table.ts';
import { MalformedError } from './decode-error.ts';

/** A number per string id, 0 until it is set; grows and is forgotten with the table. */
export interface IdMemo {
  values: Uint32Array;
}

/** Ids of strings that every batch has. */
export const TEXT = { empty: 0, true: 1, false: 2, dash: 3 } as const;
const FIXED_TEXTS = ['true', 'false', '-'];

export class StringTable extends ByteTable {
  private readonly memos: IdMemo[] = [];
  private readonly keptMemos: IdMemo[] = [];
  /** Whether a byte is a character. */
  private allAscii = true;
  private texts: (string | undefined)[] = [];
  private scratch = Buffer.allocUnsafe(4096);
  private scratchView = new DataView(this.scratch.buffer, this.scratch.byteOffset, 4096);

  constructor(options: { maxBytes: number; items?: number; bytes?: number }) {
    super(options);
    this.addFixed();
  }

  private addFixed(): void {
    this.intern(this.scratch, this.scratchView, 0, 0);
    for (const text of FIXED_TEXTS) this.internString(text);
  }

  memo(): IdMemo {
    const memo = { values: new Uint32Array(this.ends.length) };
    this.memos.push(memo);
    return memo;
  }

  /** One that clearMemos() leaves alone: its numbers are no ids of strings. */
  keptMemo(): IdMemo {
    const memo = { values: new Uint32Array(this.ends.length) };
    this.keptMemos.push(memo);
    return memo;
  }

  /** Id of UTF-8 text. Throws MalformedError when the bytes are not UTF-8. */
  internText(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (start === end) return TEXT.empty;
    const before = this.count;
    const id = this.intern(bytes, view, start, end);
    if (id === before && !isAscii(this.arena, this.startOf(id), this.ends[id]!)) {
      if (!isUtf8(this.arena.subarray(this.startOf(id), this.ends[id]))) {
        super.truncate(id);
        throw new MalformedError('the text is not UTF-8');
      }
      this.allAscii = false;
    }
    return id;
  }

  /** Id of a string; lone surrogates become U+FFFD. */
  internString(text: string): number {
    if (text === '') return TEXT.empty;
    const length = text.length;
    if (length * 3 > this.scratch.length) {
      this.scratch = Buffer.allocUnsafe(length * 4);
      this.scratchView = new DataView(
        this.scratch.buffer,
        this.scratch.byteOffset,
        this.scratch.length,
      );
    }
    const { scratch } = this;
    let end = 0;
    if (length <= 64) {
      for (; end < length; end++) {
        const code = text.charCodeAt(end);
        if (code >= 0x80) break;
        scratch[end] = code;
      }
    }
    if (end < length) {
      end = scratch.write(text);
      if (end > length || !isAscii(scratch, 0, end)) this.allAscii = false;
    }
    return this.intern(scratch, this.scratchView, 0, end);
  }

  text(id: number): string {
    return (this.texts[id] ??= textOf(this.arena, this.startOf(id), this.ends[id]!));
  }

  /** All strings, decoded now. */
  allTexts(): string[] {
    const all = Array.from<string>({ length: this.count });
    if (this.allAscii) {
      // One decoding for all; the strings are slices of it.
      const whole = Buffer.from(this.arena.buffer, 0, this.byteLength).toString('latin1');
      for (let id = 0; id < this.count; id++)
        all[id] = whole.slice(this.startOf(id), this.ends[id]);
      return all;
    }
    for (let id = 0; id < this.count; id++) all[id] = this.text(id);
    return all;
  }

  clearMemos(): void {
    for (const memo of this.memos) memo.values.fill(0, 0, this.count);
  }

  override truncate(count: number): void {
    for (const memo of this.memos) memo.values.fill(0, count, this.count);
    for (const memo of this.keptMemos) memo.values.fill(0, count, this.count);
    this.texts.length = Math.min(this.texts.length, count);
    super.truncate(count);
  }

  override clear(): void {
    this.clearMemos();
    for (const memo of this.keptMemos) memo.values.fill(0, 0, this.count);
    this.texts = [];
    this.allAscii = true;
    super.clear();
    this.addFixed();
  }

  protected override growItems(): void {
    super.growItems();
    for (const memo of this.memos) memo.values = grown(memo.values, this.ends.length);
    for (const memo of this.keptMemos) memo.values = grown(memo.values, this.ends.length);
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return false;
  }
  return true;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, start, end - start).toString('utf8');
}

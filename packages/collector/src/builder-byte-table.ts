// Interned byte ranges: an open-addressing table over one arena, hashed and compared straight from
// the bytes of a request, so that a string seen before costs no decoding and no allocation.

import { BuilderFullError } from './builder-limits.ts';

/** Against made-up collisions: a caller cannot know where its strings land. */
const SEED = (Math.random() * 0x1_0000_0000) | 0;

const SLOT = 4;

export class ByteTable {
  count = 0;
  byteLength = 0;
  /** Item i stands in arena[ends[i-1] ?? 0, ends[i]). */
  arena: Uint8Array;
  ends: Uint32Array;
  /** Of the bytes that find() was last asked for: add() takes it instead of hashing again. */
  lastHash = 0;
  private view: DataView;
  private hashes: Int32Array;
  /** Four numbers a slot, so that a probe touches one cache line: id + 1 (0 is free), hash, start, length. At most half full. */
  private slots: Int32Array;
  private readonly maxBytes: number;

  /** `items` is a power of two; `maxBytes` bounds the arena. */
  constructor(options: { maxBytes: number; items?: number; bytes?: number }) {
    const items = options.items ?? 1024;
    this.maxBytes = options.maxBytes;
    this.arena = new Uint8Array(options.bytes ?? 64 * 1024);
    this.view = new DataView(this.arena.buffer);
    this.ends = new Uint32Array(items);
    this.hashes = new Int32Array(items);
    this.slots = new Int32Array(items * 2 * SLOT);
  }

  /** Id of the bytes [start, end) or -1 when they are not in the table. */
  find(view: DataView, start: number, end: number): number {
    return this.probe(view, start, end, (this.lastHash = hashBytes(view, start, end)));
  }

  /** Id of the bytes [start, end), new ones are copied in. `count` grows exactly when they were new. Throws BuilderFullError. */
  intern(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashBytes(view, start, end);
    const found = this.probe(view, start, end, hash);
    return found >= 0 ? found : this.add(bytes, start, end, hash);
  }

  startOf(id: number): number {
    return id === 0 ? 0 : this.ends[id - 1]!;
  }

  /** Forgets every item from `count` on. */
  truncate(count: number): void {
    const mask = this.slots.length - SLOT;
    // Newest first: linear probing then leaves exactly the table that was there before them.
    for (let id = this.count - 1; id >= count; id--) {
      let slot = (this.hashes[id]! << 2) & mask;
      while (this.slots[slot] !== id + 1) slot = (slot + SLOT) & mask;
      this.slots[slot] = 0;
    }
    this.count = count;
    this.byteLength = count === 0 ? 0 : this.ends[count - 1]!;
  }

  /** Forgets all; keeps the memory for the next batch. */
  clear(): void {
    this.slots.fill(0);
    this.count = 0;
    this.byteLength = 0;
  }

  private probe(view: DataView, start: number, end: number, hash: number): number {
    const { slots } = this;
    const mask = slots.length - SLOT;
    let slot = (hash << 2) & mask;
    for (;;) {
      const id = slots[slot]! - 1;
      if (id < 0) return -1;
      if (
        slots[slot + 1] === hash &&
        slots[slot + 3] === end - start &&
        this.equals(slots[slot + 2]!, view, start, end)
      )
        return id;
      slot = (slot + SLOT) & mask;
    }
  }

  private equals(at: number, view: DataView, start: number, end: number): boolean {
    const own = this.view;
    let own4 = at;
    let i = start;
    for (const last = end - 3; i < last; i += 4, own4 += 4) {
      if (own.getInt32(own4, true) !== view.getInt32(i, true)) return false;
    }
    for (; i < end; i++, own4++) {
      if (own.getUint8(own4) !== view.getUint8(i)) return false;
    }
    return true;
  }

  /** Copies in bytes that are known not to be in the table. Throws BuilderFullError. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start;
    if (this.byteLength + length > this.maxBytes) throw new BuilderFullError('bytes');
    if (this.byteLength + length > this.arena.length) this.growArena(length);
    if (this.count === this.ends.length) this.growItems();
    const { arena } = this;
    const offset = this.byteLength;
    if (length < 48) for (let i = 0; i < length; i++) arena[offset + i] = bytes[start + i]!;
    else arena.set(bytes.subarray(start, end), offset);
    const id = this.count++;
    this.byteLength = offset + length;
    this.ends[id] = this.byteLength;
    this.hashes[id] = hash;
    this.place(id, hash);
    return id;
  }

  private place(id: number, hash: number): void {
    const { slots } = this;
    const mask = slots.length - SLOT;
    let slot = (hash << 2) & mask;
    while (slots[slot] !== 0) slot = (slot + SLOT) & mask;
    const start = this.startOf(id);
    slots[slot] = id + 1;
    slots[slot + 1] = hash;
    slots[slot + 2] = start;
    slots[slot + 3] = this.ends[id]! - start;
  }

  private growArena(more: number): void {
    const size = Math.max(this.arena.length * 2, this.byteLength + more);
    const arena = new Uint8Array(size);
    arena.set(this.arena);
    this.arena = arena;
    this.view = new DataView(arena.buffer);
  }

  protected growItems(): void {
    const items = this.ends.length * 2;
    this.ends = grown(this.ends, items);
    this.hashes = grown(this.hashes, items);
    this.slots = new Int32Array(items * 2 * SLOT);
    for (let id = 0; id < this.count; id++) this.place(id, this.hashes[id]!);
  }
}

/** A copy of a typed array with room for `length` elements, the new ones zero. */
export function grown<A extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
  array: A,
  length: number,
): A {
  const copy = new (array.constructor as new (length: number) => A)(length);
  copy.set(array);
  return copy;
}

/** Eight bytes at a time in two lanes, murmur-like; the length goes in, so that zero bytes at the end count. */
function hashBytes(view: DataView, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let other = SEED;
  let i = start;
  for (const last = end - 7; i < last; i += 8) {
    hash = Math.imul(hash ^ view.getInt32(i, true), 0x9e37_79b1);
    other = Math.imul(other ^ view.getInt32(i + 4, true), 0x85eb_ca77);
    hash ^= hash >>> 15;
    other ^= other >>> 13;
  }
  if (i + 4 <= end) {
    other = Math.imul(other ^ view.getInt32(i, true), 0x85eb_ca77);
    other ^= other >>> 13;
    i += 4;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16) ^ Math.imul(other, 0xc2b2_ae3d), 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}

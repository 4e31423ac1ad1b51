// Snappy's block format, decoded with every bound checked: what is written must be exactly what the
// head announced. https://github.com/google/snappy/blob/main/format_description.txt

export class SnappyError extends Error {
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge = false) {
    super(message);
    this.name = 'SnappyError';
    this.tooLarge = tooLarge;
  }
}

/** The plain bytes. Throws SnappyError when they are no snappy block or would be more than `maxBytes`. */
export function snappyDecode(block: Uint8Array, maxBytes: number): Uint8Array {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++];
    if (byte === undefined || shift > 28)
      throw new SnappyError('no snappy block: its length is broken');
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > maxBytes) {
    throw new SnappyError(`unpacks to ${length} bytes, more than ${maxBytes}`, true);
  }
  // Each three bytes give at most 64: a longer promise is a lie, and no memory is taken for it.
  if (length > block.length * 32) throw new SnappyError('the snappy block is shorter than it says');
  const plain = new Uint8Array(length);
  let to = 0;
  while (at < block.length) {
    const tag = block[at++]!;
    if ((tag & 3) === 0) {
      let size = (tag >>> 2) + 1;
      if (size > 60) {
        const extra = size - 60;
        size = 1 + little(block, at, extra);
        at += extra;
      }
      if (at + size > block.length || to + size > length) throw broken();
      plain.set(block.subarray(at, at + size), to);
      at += size;
      to += size;
      continue;
    }
    const kind = tag & 3;
    const width = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = little(block, at, width) + (kind === 1 ? (tag >>> 5) * 256 : 0);
    at += width;
    if (offset === 0 || offset > to || to + size > length) throw broken();
    if (offset >= size) plain.copyWithin(to, to - offset, to - offset + size);
    else for (let i = 0; i < size; i++) plain[to + i] = plain[to + i - offset]!;
    to += size;
  }
  if (to !== length) throw new SnappyError('the snappy block is shorter than it says');
  return plain;
}

function little(block: Uint8Array, at: number, width: number): number {
  if (at + width > block.length) throw broken();
  let value = 0;
  for (let i = 0; i < width; i++) value += block[at + i]! * 256 ** i;
  return value;
}

function broken(): SnappyError {
  return new SnappyError('the snappy block is broken');
}

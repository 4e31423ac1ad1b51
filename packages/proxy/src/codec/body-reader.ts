// The body of a message as it comes: by length, in chunks, or until the connection ends.

import { CR, HEX, LF, VALUE } from './bytes.ts';
import { LENGTH, type HeadLimits } from './head.ts';
import { HeaderList } from './header-list.ts';
import { INCOMPLETE, parseTrailers } from './parse-head.ts';
import { ProtocolError } from './protocol-error.ts';

const STATE = {
  data: 0,
  size: 1,
  extension: 2,
  sizeEnd: 3,
  chunkEnd: 4,
  chunkEndLf: 5,
  trailers: 6,
};
/** Chunk extensions mean nothing to anyone; what is longer is an attack. */
const MAX_EXTENSION = 4096;

export interface BodySink {
  /** A part of the body; the bytes are the message's own and must not be changed. */
  onBodyChunk(chunk: Buffer): void;
}

export class BodyReader {
  done = true;
  /** Undefined when there were none. */
  trailers: HeaderList | undefined = undefined;
  #chunked = false;
  #untilClose = false;
  #state = STATE.data;
  #remaining = 0;
  #digits = 0;
  #extension = 0;
  #held: Buffer | undefined = undefined;
  readonly #limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** For the next message. */
  start(length: number): void {
    this.#chunked = length === LENGTH.chunked;
    this.#untilClose = length === LENGTH.untilClose;
    this.#state = this.#chunked ? STATE.size : STATE.data;
    this.#remaining = length > 0 ? length : 0;
    this.#digits = 0;
    this.#extension = 0;
    this.#held = undefined;
    this.trailers = undefined;
    this.done = length === 0;
  }

  /** The connection has ended: true when that is how this body ends, false when something is missing. */
  finish(): boolean {
    if (this.#untilClose) this.done = true;
    return this.done;
  }

  /** Takes what belongs to the body and returns where that ends. Throws a `ProtocolError`. */
  read(bytes: Buffer, start: number, end: number, sink: BodySink): number {
    if (this.done || start === end) return start;
    if (this.#chunked) return this.#readChunked(bytes, start, end, sink);
    if (this.#untilClose) {
      sink.onBodyChunk(bytes.subarray(start, end));
      return end;
    }
    const take = Math.min(end - start, this.#remaining);
    this.#remaining -= take;
    if (this.#remaining === 0) this.done = true;
    sink.onBodyChunk(bytes.subarray(start, start + take));
    return start + take;
  }

  #readChunked(bytes: Buffer, start: number, end: number, sink: BodySink): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      switch (this.#state) {
        case STATE.size: {
          const digit = HEX[byte]!;
          if (digit >= 0) {
            if (++this.#digits > 12) throw new ProtocolError('http1.codec_error');
            this.#remaining = this.#remaining * 16 + digit;
          } else if (this.#digits === 0) throw new ProtocolError('http1.codec_error');
          else if (byte === CR) this.#state = STATE.sizeEnd;
          else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#state = STATE.extension;
          else throw new ProtocolError('http1.codec_error');
          at++;
          break;
        }
        case STATE.extension:
          if (byte === CR) this.#state = STATE.sizeEnd;
          else if (VALUE[byte] !== 1 || ++this.#extension > MAX_EXTENSION)
            throw new ProtocolError('http1.codec_error');
          at++;
          break;
        case STATE.sizeEnd:
          if (byte !== LF) throw new ProtocolError('http1.codec_error');
          this.#state = this.#remaining === 0 ? STATE.trailers : STATE.data;
          this.#digits = 0;
          at++;
          break;
        case STATE.data: {
          const take = Math.min(end - at, this.#remaining);
          this.#remaining -= take;
          if (this.#remaining === 0) this.#state = STATE.chunkEnd;
          sink.onBodyChunk(bytes.subarray(at, at + take));
          at += take;
          break;
        }
        case STATE.chunkEnd:
          if (byte !== CR) throw new ProtocolError('http1.codec_error');
          this.#state = STATE.chunkEndLf;
          at++;
          break;
        case STATE.chunkEndLf:
          if (byte !== LF) throw new ProtocolError('http1.codec_error');
          this.#state = STATE.size;
          at++;
          break;
        default:
          return this.#readTrailers(bytes, at, end);
      }
    }
    return at;
  }

  #readTrailers(bytes: Buffer, start: number, end: number): number {
    const before = this.#held?.length ?? 0;
    const all = this.#held ? Buffer.concat([this.#held, bytes.subarray(start, end)]) : bytes;
    const from = this.#held ? 0 : start;
    const to = this.#held ? all.length : end;
    const trailers = new HeaderList();
    // Without the end of a line there is nothing new to find.
    const next =
      bytes.indexOf(LF, start) === -1 && to - from <= this.#limits.maxBytes
        ? INCOMPLETE
        : parseTrailers(trailers, all, from, to, this.#limits);
    if (next === INCOMPLETE) {
      this.#held = Buffer.from(all.subarray(from, to));
      return end;
    }
    this.#held = undefined;
    this.done = true;
    if (trailers.length > 0) this.trailers = trailers;
    return start + (next - from) - before;
  }
}

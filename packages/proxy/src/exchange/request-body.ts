// The body of a request between client and upstream: held back until there is a connection, and kept
// beyond that, within bounds, for retries and mirrors.

import type { HeaderList } from '../codec/header-list.ts';
import type { Load } from './load.ts';

/** What a chunk costs beside its bytes: a body of single bytes is mostly this. */
const CHUNK_BYTES = 128;

export class RequestBody {
  readonly chunks: Buffer[] = [];
  /** What `chunks` take of the memory. */
  keptBytes = 0;
  /** All bytes that came. */
  bytes = 0;
  /** The client has sent all of it. */
  complete = false;
  trailers: HeaderList | undefined = undefined;
  /** Whether `chunks` is the body from its first byte. */
  whole = true;
  readonly #load: Load;

  constructor(load: Load) {
    this.#load = load;
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    const cost = chunk.length + CHUNK_BYTES;
    this.keptBytes += cost;
    this.#load.bufferedBytes += cost;
    this.chunks.push(chunk);
  }

  end(trailers: HeaderList | undefined): void {
    this.complete = true;
    this.trailers = trailers;
  }

  /** Lets go of what was sent: it cannot be sent again. */
  forget(): void {
    if (this.chunks.length === 0) return;
    this.chunks.length = 0;
    this.#load.bufferedBytes -= this.keptBytes;
    this.keptBytes = 0;
    this.whole = false;
  }
}

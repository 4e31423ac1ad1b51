// The body of a request between client and upstream: held back until there is a connection, and kept
// beyond that, within bounds, for retries and mirrors.

import type { HeaderList } from '../codec/header-list.ts';

export class RequestBody {
  readonly chunks: Buffer[] = [];
  /** Bytes in `chunks`. */
  keptBytes = 0;
  /** All bytes that came. */
  bytes = 0;
  /** The client has sent all of it. */
  complete = false;
  trailers: HeaderList | undefined = undefined;
  /** Whether `chunks` is the body from its first byte. */
  whole = true;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.keptBytes += chunk.length;
    this.chunks.push(chunk);
  }

  /** Lets go of what was sent: it cannot be sent again. */
  forget(): void {
    if (this.chunks.length === 0) return;
    this.chunks.length = 0;
    this.keptBytes = 0;
    this.whole = false;
  }
}

// How the answer that is under way stands on a connection of HTTP/1.1: framed by chunks or not, with a body
// or not, and whether the connection outlives it.

import type { Socket } from 'node:net';
import { isBodyless } from '../codec/bodyless.ts';
import type { RequestHead } from '../codec/head.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { framedChunk, lastChunk } from '../codec/write-head.ts';
import type { AnswerHead } from '../exchange/streams.ts';
import { writeAnswer } from './write-answer.ts';

export class Http1Answer {
  /** Its head is written. */
  begun = false;
  /** The connection stays. */
  keep = true;
  readonly #socket: Socket;
  #request: RequestHead | undefined = undefined;
  #chunked = false;
  /** It ends with its head. */
  #bodyless = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Of another request. */
  reset(request: RequestHead, keep: boolean): void {
    this.#request = request;
    this.begun = false;
    this.keep = keep;
  }

  /** False when the client reads too slowly, as with chunks. */
  writeHead(head: AnswerHead, body: Buffer | undefined, end: boolean): boolean {
    this.begun = true;
    this.#bodyless = isBodyless(this.#request!.method, head.status);
    this.#chunked = head.bodyLength < 0 && head.upgrade === '' && !this.#bodyless;
    return writeAnswer(this.#socket, head, this.#bodyless ? undefined : body, {
      chunked: this.#chunked,
      keep: this.keep,
      end,
    });
  }

  writeChunk(chunk: Buffer): boolean {
    if (chunk.length === 0 || this.#bodyless) return true;
    return this.#socket.write(this.#chunked ? framedChunk(chunk) : chunk);
  }

  /** Trailers go only where they are taken. */
  writeEnd(trailers: HeaderList | undefined): void {
    if (!this.#chunked) return;
    const sent = this.#request!.takesTrailers ? trailers : undefined;
    this.#socket.write(lastChunk(sent), 'latin1');
  }
}

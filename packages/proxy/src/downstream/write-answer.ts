// The head of an answer and what of its body is there, in as few packets as can be.

import type { Socket } from 'node:net';
import { framedChunk, headerLines, statusLine, withBody } from '../codec/write-head.ts';
import { flushWrites, writeSoon } from '../codec/write-soon.ts';
import type { AnswerHead } from '../exchange/streams.ts';

export interface AnswerFraming {
  readonly chunked: boolean;
  /** The connection stays. */
  readonly keep: boolean;
  /** `body` is all of it. */
  readonly end: boolean;
}

/** Longer bodies are not copied to stand in one piece with their head. */
const JOIN_BYTES = 16_384;

/** False when the client reads too slowly. */
export function writeAnswer(
  socket: Socket,
  head: AnswerHead,
  body: Buffer | undefined,
  framing: AnswerFraming,
): boolean {
  const { chunked, end } = framing;
  const text = answerText(head, framing);
  const bare = body === undefined || body.length === 0;
  if (end && !chunked && (bare || body.length <= JOIN_BYTES)) {
    writeSoon(socket, bare ? text : withBody(text, body));
    return true;
  }
  flushWrites();
  // What comes of the body in this turn leaves in the same packet.
  socket.cork();
  process.nextTick(uncork, socket);
  const more = socket.write(text, 'latin1');
  return bare ? more : socket.write(chunked ? framedChunk(body) : body);
}

function answerText(head: AnswerHead, { chunked, keep }: AnswerFraming): string {
  const { status, bodyLength, declaredLength, upgrade } = head;
  let text = statusLine(status) + headerLines(head.headers);
  if (upgrade !== '') return `${text}connection: upgrade\r\nupgrade: ${upgrade}\r\n\r\n`;
  if (chunked) text += 'transfer-encoding: chunked\r\n';
  else if (bodyLength > 0) text += `content-length: ${bodyLength}\r\n`;
  else if (declaredLength >= 0 && status !== 204) text += `content-length: ${declaredLength}\r\n`;
  return keep ? `${text}\r\n` : `${text}connection: close\r\n\r\n`;
}

const uncork = (socket: Socket) => socket.uncork();

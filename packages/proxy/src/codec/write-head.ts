// Heads and chunks as they go out.

import { STATUS_CODES } from 'node:http';
import type { HeaderList } from './header-list.ts';

const STATUS_LINES: string[] = [];
for (let status = 100; status < 1000; status++)
  STATUS_LINES[status] = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;

export const statusLine = (status: number): string => STATUS_LINES[status]!;

/** Header lines without the empty one that ends them. */
export function headerLines(headers: HeaderList): string {
  const { names, values } = headers;
  let text = '';
  for (let i = 0; i < names.length; i++) text += `${names[i]}: ${values[i]}\r\n`;
  return text;
}

/** A head and the beginning of the body in one piece, so that they leave in one packet. */
export function withBody(head: string, body: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(head.length + body.length);
  whole.write(head, 0, 'latin1');
  body.copy(whole, head.length);
  return whole;
}

/** One chunk of a chunked body, framed. */
export function framedChunk(chunk: Buffer): Buffer {
  const size = `${chunk.length.toString(16)}\r\n`;
  const whole = Buffer.allocUnsafe(size.length + chunk.length + 2);
  whole.write(size, 0, 'latin1');
  chunk.copy(whole, size.length);
  whole.write('\r\n', size.length + chunk.length, 'latin1');
  return whole;
}

/** The end of a chunked body. */
export function lastChunk(trailers: HeaderList | undefined): string {
  return trailers === undefined ? '0\r\n\r\n' : `0\r\n${headerLines(trailers)}\r\n`;
}

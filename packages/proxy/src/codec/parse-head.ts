// Heads of HTTP/1.1 messages, strict where leniency lets requests be smuggled (RFC 9112 §11.2): line
// ends are CRLF, no folded lines, no space before a colon, one content-length, never beside chunks.

import { isBodyless } from './bodyless.ts';
import { COLON, CR, LF, SPACE, TAB, TARGET, TOKEN, VALUE } from './bytes.ts';
import { LENGTH, type HeadLimits, type RequestHead, type ResponseHead } from './head.ts';
import { FRAMING, headerName } from './header-names.ts';
import type { HeaderList } from './header-list.ts';
import { ProtocolError } from './protocol-error.ts';

/** The bytes end before the head does. */
export const INCOMPLETE = -1;

// Where names and values begin and end; one parse at a time, so one is enough.
let marks = new Int32Array(4 * 128);
let count = 0;

/**
 * Parses the head of a request that begins at `start`. Returns where its body begins, or `INCOMPLETE`.
 * Throws a `ProtocolError` with 400, 431 (too large, too many) or 501 (a transfer coding that is not chunked).
 */
export function parseRequestHead(
  head: RequestHead,
  bytes: Buffer,
  start: number,
  end: number,
  limits: HeadLimits,
): number {
  let at = start;
  while (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  const first = at;
  while (at < end && TOKEN[bytes[at]!] === 1) at++;
  const methodEnd = at;
  if (at === end) return incomplete(at - start, limits);
  if (bytes[at] !== SPACE || at === first) {
    if (bytes[at] === CR && at + 1 === end && at === first) return INCOMPLETE;
    throw new ProtocolError('http1.codec_error');
  }
  const targetStart = ++at;
  while (at < end && TARGET[bytes[at]!] === 1) at++;
  const targetEnd = at;
  if (at === end) return incomplete(at - start, limits);
  if (bytes[at] !== SPACE || at === targetStart) throw new ProtocolError('http1.codec_error');
  // HTTP/1.x CRLF
  if (end - at < 11) return incomplete(end - start, limits);
  at++;
  if (!isVersion(bytes, at) || bytes[at + 8] !== CR || bytes[at + 9] !== LF)
    throw new ProtocolError('http1.codec_error');
  const minor = bytes[at + 7]! - 0x30;
  at = scanHeaders(bytes, at + 10, end, start, limits);
  if (at === INCOMPLETE) return incomplete(end - start, limits);

  const text = bytes.toString('latin1', first, at);
  head.method = text.slice(0, methodEnd - first);
  head.target = text.slice(targetStart - first, targetEnd - first);
  head.minor = minor;
  takeRequestHeaders(head, text, first);
  return at;
}

/** The same for a response to a request with `method`. Throws a `ProtocolError` for anything that is not HTTP/1. */
export function parseResponseHead(
  head: ResponseHead,
  bytes: Buffer,
  start: number,
  end: number,
  { limits, method }: { limits: HeadLimits; method: string },
): number {
  const available = Math.min(end - start, 12);
  if (available < 12) {
    if (!'HTTP/1.'.startsWith(bytes.toString('latin1', start, start + Math.min(available, 7))))
      throw new ProtocolError('http1.codec_error', 502);
    return INCOMPLETE;
  }
  if (!isVersion(bytes, start) || bytes[start + 8] !== SPACE)
    throw new ProtocolError('http1.codec_error', 502);
  let status = 0;
  for (let i = start + 9; i < start + 12; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) throw new ProtocolError('http1.codec_error', 502);
    status = status * 10 + digit;
  }
  let at = start + 12;
  while (at < end && VALUE[bytes[at]!] === 1) at++;
  if (at + 1 >= end) return incomplete(end - start, limits);
  if (bytes[at] !== CR || bytes[at + 1] !== LF || status < 100)
    throw new ProtocolError('http1.codec_error', 502);
  const headersStart = at + 2;
  at = scanHeaders(bytes, headersStart, end, start, limits);
  if (at === INCOMPLETE) return incomplete(end - start, limits);
  head.status = status;
  head.minor = bytes[start + 7]! - 0x30;
  takeResponseHeaders(head, bytes.toString('latin1', headersStart, at), headersStart, method);
  return at;
}

/** Trailers: from `start` to the empty line that ends them. What frames messages has no place there and is dropped. */
export function parseTrailers(
  trailers: HeaderList,
  bytes: Buffer,
  start: number,
  end: number,
  limits: HeadLimits,
): number {
  const at = scanHeaders(bytes, start, end, start, limits);
  if (at === INCOMPLETE) return incomplete(end - start, limits);
  const text = bytes.toString('latin1', start, at);
  for (let i = 0; i < count; i++) {
    const name = headerName(text.slice(marks[i * 4]! - start, marks[i * 4 + 1]! - start));
    if (name.framing !== FRAMING.none) continue;
    trailers.add(name.text, text.slice(marks[i * 4 + 2]! - start, marks[i * 4 + 3]! - start));
  }
  return at;
}

function incomplete(size: number, limits: HeadLimits): number {
  if (size > limits.maxBytes) throw new ProtocolError('http1.headers_too_large', 431);
  return INCOMPLETE;
}

/** `HTTP/1.0` or `HTTP/1.1`. */
function isVersion(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 5] === 0x31 &&
    bytes[at + 6] === 0x2e &&
    (bytes[at + 7] === 0x31 || bytes[at + 7] === 0x30)
  );
}

/** Walks the header lines and notes where they are; returns what follows the empty line. */
function scanHeaders(
  bytes: Buffer,
  start: number,
  end: number,
  messageStart: number,
  limits: HeadLimits,
): number {
  let at = start;
  count = 0;
  for (;;) {
    if (at + 1 >= end) return INCOMPLETE;
    if (bytes[at] === CR) {
      if (bytes[at + 1] !== LF) throw new ProtocolError('http1.codec_error');
      at += 2;
      break;
    }
    if (count === limits.maxHeaders) throw new ProtocolError('http1.too_many_headers', 431);
    if (count * 4 === marks.length) marks = grown(marks);
    const mark = count * 4;
    marks[mark] = at;
    while (at < end && TOKEN[bytes[at]!] === 1) at++;
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== COLON || at === marks[mark]) throw new ProtocolError('http1.codec_error');
    marks[mark + 1] = at++;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    marks[mark + 2] = at;
    while (at < end && VALUE[bytes[at]!] === 1) at++;
    if (at + 1 >= end) {
      if (at < end && bytes[at] !== CR) throw new ProtocolError('http1.codec_error');
      return INCOMPLETE;
    }
    if (bytes[at] !== CR || bytes[at + 1] !== LF) throw new ProtocolError('http1.codec_error');
    let valueEnd = at;
    while (
      valueEnd > marks[mark + 2]! &&
      (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)
    )
      valueEnd--;
    marks[mark + 3] = valueEnd;
    at += 2;
    count++;
  }
  if (at - messageStart > limits.maxBytes) throw new ProtocolError('http1.headers_too_large', 431);
  return at;
}

function grown(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}

function takeRequestHeaders(head: RequestHead, text: string, base: number): void {
  const { headers } = head;
  let connection: string | undefined;
  let contentLength = -1;
  let chunked = false;
  let upgrade = '';
  for (let i = 0; i < count; i++) {
    const mark = i * 4;
    const name = headerName(text.slice(marks[mark]! - base, marks[mark + 1]! - base));
    const value = text.slice(marks[mark + 2]! - base, marks[mark + 3]! - base);
    switch (name.framing) {
      case FRAMING.none:
        headers.names.push(name.text);
        headers.values.push(value);
        break;
      case FRAMING.host:
        if (head.host !== undefined) throw new ProtocolError('http1.multiple_hosts');
        head.host = value;
        break;
      case FRAMING.contentLength:
        if (contentLength !== -1) throw new ProtocolError('http1.content_length_not_allowed');
        contentLength = parseLength(value);
        break;
      case FRAMING.transferEncoding:
        if (head.minor === 0) throw new ProtocolError('http1.invalid_transfer_encoding');
        if (chunked || value.toLowerCase() !== 'chunked')
          throw new ProtocolError('http1.invalid_transfer_encoding', 501);
        chunked = true;
        break;
      case FRAMING.connection:
        connection = connection === undefined ? value : `${connection},${value}`;
        break;
      case FRAMING.upgrade:
        upgrade = value;
        break;
      case FRAMING.expect:
        if (value.toLowerCase() === '100-continue') head.expectsContinue = head.minor === 1;
        else headers.add(name.text, value);
        break;
      case FRAMING.te:
        head.takesTrailers = value.toLowerCase().includes('trailers');
        break;
    }
  }
  if (chunked) {
    if (contentLength !== -1)
      throw new ProtocolError('http1.content_length_and_chunked_not_allowed');
    head.bodyLength = LENGTH.chunked;
  } else if (contentLength > 0) head.bodyLength = contentLength;
  head.keepAlive = head.minor === 1;
  if (connection !== undefined) {
    const tokens = connectionTokens(connection);
    if (tokens.includes('close')) head.keepAlive = false;
    else if (tokens.includes('keep-alive')) head.keepAlive = true;
    if (upgrade !== '' && tokens.includes('upgrade')) head.upgrade = upgrade.toLowerCase();
    dropNominated(headers, tokens);
  }
}

function takeResponseHeaders(head: ResponseHead, text: string, base: number, method: string): void {
  const { headers } = head;
  let connection: string | undefined;
  let chunked = false;
  let upgrade = '';
  for (let i = 0; i < count; i++) {
    const mark = i * 4;
    const name = headerName(text.slice(marks[mark]! - base, marks[mark + 1]! - base));
    const value = text.slice(marks[mark + 2]! - base, marks[mark + 3]! - base);
    switch (name.framing) {
      case FRAMING.contentLength:
        if (head.declaredLength !== -1)
          throw new ProtocolError('http1.content_length_not_allowed', 502);
        head.declaredLength = parseLength(value);
        break;
      case FRAMING.transferEncoding:
        if (chunked || value.toLowerCase() !== 'chunked')
          throw new ProtocolError('http1.invalid_transfer_encoding', 502);
        chunked = true;
        break;
      case FRAMING.connection:
        connection = connection === undefined ? value : `${connection},${value}`;
        break;
      case FRAMING.upgrade:
        upgrade = value;
        break;
      case FRAMING.hop:
        break;
      default:
        headers.names.push(name.text);
        headers.values.push(value);
    }
  }
  if (chunked && head.declaredLength !== -1)
    throw new ProtocolError('http1.content_length_and_chunked_not_allowed', 502);
  const { status } = head;
  if (status < 200 || isBodyless(method, status)) head.bodyLength = 0;
  else if (chunked) head.bodyLength = LENGTH.chunked;
  else head.bodyLength = head.declaredLength === -1 ? LENGTH.untilClose : head.declaredLength;
  head.keepAlive = head.minor === 1;
  if (connection !== undefined) {
    const tokens = connectionTokens(connection);
    if (tokens.includes('close')) head.keepAlive = false;
    else if (tokens.includes('keep-alive')) head.keepAlive = true;
    if (status === 101) head.upgrade = upgrade.toLowerCase();
    dropNominated(headers, tokens);
  }
}

/** Digits only: no sign, no list, nothing beyond what a number can count. */
function parseLength(value: string): number {
  let length = 0;
  if (value === '' || value.length > 15) throw new ProtocolError('http1.codec_error');
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) throw new ProtocolError('http1.codec_error');
    length = length * 10 + digit;
  }
  return length;
}

function connectionTokens(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
}

/** Headers that `Connection` names are for this hop; those that the proxy itself vouches for cannot be named away. */
function dropNominated(headers: HeaderList, tokens: readonly string[]): void {
  for (const token of tokens) {
    if (token === '' || token === 'close' || token === 'keep-alive' || token === 'upgrade')
      continue;
    if (!token.startsWith('x-forwarded-') && !token.startsWith('x-envoy-') && token !== 'cookie')
      headers.remove(token);
  }
}

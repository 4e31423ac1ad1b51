// Headers between lists and the objects that node:http2 takes and gives. What it would throw at is
// left out or written otherwise here: one odd header must not end the process.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { FRAMING, headerName } from '../codec/header-names.ts';
import { HeaderList } from '../codec/header-list.ts';

/** An object for `addHeaders`: without a prototype, as names may be `constructor` or `__proto__`. */
export function headerObject(pseudo: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.assign(Object.create(null) as OutgoingHttpHeaders, pseudo);
}

/**
 * Adds to `target`; several values of a name become a list, or one value with commas where node:http2 takes
 * one only. What concerns a connection of HTTP/1 is left out.
 */
export function addHeaders(target: OutgoingHttpHeaders, headers: HeaderList): OutgoingHttpHeaders {
  const { names, values } = headers;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (headerName(name).framing !== FRAMING.none || name.charCodeAt(0) === COLON) continue;
    const before = target[name];
    if (before === undefined) target[name] = values[i]!;
    else if (SINGLE.has(name)) target[name] = `${String(before)},${values[i]}`;
    else if (Array.isArray(before)) before.push(values[i]!);
    else target[name] = [String(before), values[i]!];
  }
  return target;
}

/** Without pseudo-headers, and without what frames a message or concerns a connection only. */
export function listOf(headers: IncomingHttpHeaders): HeaderList {
  const list = new HeaderList();
  for (const name in headers) {
    if (name.charCodeAt(0) === COLON || headerName(name).framing !== FRAMING.none) continue;
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) list.add(name, one);
    else if (value !== undefined) list.add(name, String(value));
  }
  return list;
}

const COLON = 0x3a;

/** Those that node:http2 takes only once (`kSingleValueHeaders` in its lib/internal/http2/util.js). */
const SINGLE = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

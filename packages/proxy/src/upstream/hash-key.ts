// What consistent hashing hashes of a request, as Envoy's route hash policies do.

import type { HashKey } from '@clover/traffic';
import type { HashInput } from './cluster.ts';
import { hashHex, xxHash64 } from './xxhash64.ts';

/** Leaves the hash in `hashHigh` and `hashLow`; false when the request lacks what is hashed, so that any endpoint will do. */
export type RequestHash = (input: HashInput) => boolean;

export function requestHash(key: HashKey | undefined): RequestHash {
  switch (key?.kind) {
    case 'header':
      return (input) => hashOf(input.header(key.name));
    case 'sourceIp':
      return (input) => hashOf(input.sourceIp || undefined);
    case 'queryParameter':
      return (input) => hashOf(queryParameter(input.path, key.name));
    case 'cookie':
      return (input) => hashCookie(input, key);
    default:
      return () => false;
  }
}

function hashOf(text: string | undefined): boolean {
  if (text === undefined) return false;
  xxHash64(text);
  return true;
}

type Cookie = Extract<HashKey, { kind: 'cookie' }>;

/** A request without the cookie gets one when it has a lifetime: made of the connection, so that requests that race on it agree. */
function hashCookie(input: HashInput, cookie: Cookie): boolean {
  let value = cookieValue(input.header('cookie'), cookie.name);
  if (!value) {
    if (cookie.ttlSeconds === undefined) return false;
    xxHash64(input.connection ?? input.sourceIp);
    value = hashHex();
    input.setCookie?.(setCookie(cookie, value));
  }
  return hashOf(value);
}

function setCookie(cookie: Cookie, value: string): string {
  let text = `${cookie.name}="${value}"`;
  if (cookie.ttlSeconds) text += `; Max-Age=${cookie.ttlSeconds}`;
  if (cookie.path) text += `; Path=${cookie.path}`;
  for (const one of cookie.attributes)
    text += one.value ? `; ${one.name}=${one.value}` : `; ${one.name}`;
  return `${text}; HttpOnly`;
}

/** Of the first cookie of that name, without quotes; '' when there is none. */
export function cookieValue(header: string | undefined, name: string): string {
  if (header === undefined) return '';
  for (let at = 0; at < header.length;) {
    let end = header.indexOf(';', at);
    if (end === -1) end = header.length;
    while (header.charCodeAt(at) === 0x20) at++;
    if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === 0x3d) {
      const value = header.slice(at + name.length + 1, end).trimEnd();
      const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
      return quoted ? value.slice(1, -1) : value;
    }
    at = end + 1;
  }
  return '';
}

/** As it stands in the path, not decoded; undefined when it is not there. */
export function queryParameter(path: string, name: string): string | undefined {
  let at = path.indexOf('?') + 1;
  if (at === 0) return undefined;
  const hash = path.indexOf('#', at);
  const query = hash === -1 ? path : path.slice(0, hash);
  while (at <= query.length) {
    let end = query.indexOf('&', at);
    if (end === -1) end = query.length;
    if (query.startsWith(name, at)) {
      const after = at + name.length;
      if (after === end) return '';
      if (query.charCodeAt(after) === 0x3d) return query.slice(after + 1, end);
    }
    at = end + 1;
  }
  return undefined;
}

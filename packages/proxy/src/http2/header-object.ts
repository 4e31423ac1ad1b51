// Headers between lists and the objects that node:http2 takes and gives.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { HeaderList } from '../codec/header-list.ts';

/** Adds to `target`; several values of a name become a list. */
export function addHeaders(target: OutgoingHttpHeaders, headers: HeaderList): OutgoingHttpHeaders {
  const { names, values } = headers;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const before = target[name];
    if (before === undefined) target[name] = values[i]!;
    else if (Array.isArray(before)) before.push(values[i]!);
    else target[name] = SINGLE.has(name) ? values[i]! : [String(before), values[i]!];
  }
  return target;
}

/** Without pseudo-headers and what HTTP/2 has no use for. `skip` names more to leave out. */
export function listOf(headers: IncomingHttpHeaders, skip: ReadonlySet<string>): HeaderList {
  const list = new HeaderList();
  for (const name in headers) {
    if (name.startsWith(':') || skip.has(name)) continue;
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) list.add(name, one);
    else if (value !== undefined) list.add(name, name === 'cookie' ? value : String(value));
  }
  return list;
}

/** Those that node:http2 takes only once. */
const SINGLE = new Set([
  'content-type',
  'content-length',
  'location',
  'date',
  'etag',
  'user-agent',
]);

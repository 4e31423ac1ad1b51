// The head of a request as HTTP/2 has it, in the words that both versions share. An extended CONNECT
// (RFC 8441) is the upgrade of HTTP/1.1 that it stands for, as in Envoy: rules see a GET.

import type { IncomingHttpHeaders } from 'node:http2';
import { LENGTH, RequestHead } from '../codec/head.ts';
import { listOf } from './header-object.ts';

/** `ended`: no body follows. */
export function requestHead(headers: IncomingHttpHeaders, ended: boolean): RequestHead {
  const head = new RequestHead();
  head.method = headers[':method'] ?? '';
  head.target = headers[':path'] ?? '';
  head.host = headers[':authority'] ?? headers.host;
  head.takesTrailers = String(headers['te'] ?? '').includes('trailers');
  head.expectsContinue = headers.expect === '100-continue';
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!ended) head.bodyLength = length > 0 ? length : LENGTH.chunked;
  const list = listOf(headers);
  for (let i = 0; i < list.length; i++) head.headers.add(list.names[i]!, list.values[i]!);
  if (head.method === 'CONNECT' && headers[':protocol'] !== undefined) {
    head.method = 'GET';
    head.upgrade = String(headers[':protocol']).toLowerCase();
    head.bodyLength = 0;
  }
  return head;
}

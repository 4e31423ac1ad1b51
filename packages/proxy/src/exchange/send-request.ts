// A request on its way to an upstream, with what there is of its body.

import type { ForwardingPlan } from './forwarding-plan.ts';
import type { RequestBody } from './request-body.ts';
import type { UpstreamRequest, UpstreamStream } from './streams.ts';

/**
 * False when the client is to wait with more. With `holdsBody` only the head goes out: what follows a wish for an
 * upgrade waits until the upstream switches, which would take it for the next request otherwise.
 */
export function sendRequest(
  stream: UpstreamStream,
  { head, body, path, authority }: ForwardingPlan,
  scheme: 'http' | 'https',
  holdsBody: boolean,
): boolean {
  const request: UpstreamRequest = {
    method: head.method,
    path,
    scheme,
    authority,
    headers: head.headers,
    bodyLength: head.bodyLength,
    upgrade: head.upgrade,
    takesTrailers: head.takesTrailers,
  };
  if (body === undefined || holdsBody) return stream.send(request, undefined, body === undefined);
  const whole = body.complete && body.trailers === undefined && body.chunks.length <= 1;
  const more = stream.send(request, body.chunks[0], whole);
  return whole ? more : sendBody(stream, body, 1, more);
}

/** The chunks from the one of this index on, and the end when it is there. False when the client is to wait with more. */
export function sendBody(
  stream: UpstreamStream,
  { chunks, complete, trailers }: RequestBody,
  from = 0,
  more = true,
): boolean {
  let goesOn = more;
  for (let i = from; i < chunks.length; i++) goesOn = stream.sendChunk(chunks[i]!);
  if (complete) stream.sendEnd(trailers);
  return goesOn;
}

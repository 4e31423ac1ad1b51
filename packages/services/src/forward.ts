// What the proxy and the load balancer share: passing a request on and its answer back.
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Exchange } from './http-service.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** Headers of one connection, not of the message (RFC 9110, 7.6.1), and those that are set anew. */
const NOT_PASSED_ON = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'traceparent',
  'tracestate',
]);

/** `front`: clients connect here themselves; `behind-gateway`: to a gateway, which adds their address. */
export type Door = 'front' | 'behind-gateway' | 'inner';

/** The request's headers for the next hop, with X-Real-IP, X-Forwarded-For and X-Forwarded-Proto. */
export function forwardedHeaders(
  { request, body }: { request: IncomingMessage; body?: Buffer },
  door: Door,
): OutgoingHttpHeaders {
  const { headers } = request;
  const peer = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const before = headers['x-forwarded-for'];
  return {
    ...passedOn(headers),
    'x-real-ip': clientAddress(headers, peer, door),
    'x-forwarded-for': before === undefined ? peer : `${String(before)}, ${peer}`,
    'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
    ...(body && { 'content-length': body.length }),
  };
}

/** What a client writes itself must not count as its address: a gateway's word is the last of the list. */
function clientAddress(headers: IncomingHttpHeaders, peer: string, door: Door): string {
  if (door === 'front') return peer;
  if (door === 'inner') return String(headers['x-real-ip'] ?? peer);
  const last = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)!
    .trim();
  return last === '' ? peer : last;
}

/** Answers with what the other side answered: 502 when it could not be reached, 504 when it was too slow. */
export async function passBack(exchange: Exchange, answer: UpstreamAnswer): Promise<void> {
  if (answer.outcome !== 'answered') {
    const status = answer.outcome === 'timeout' ? 504 : 502;
    exchange.response
      .writeHead(status, { 'content-type': 'text/plain' })
      .end(`${answer.message}\n`);
    return;
  }
  const { response } = answer;
  const length = response.headers['content-length'];
  exchange.response.writeHead(response.statusCode ?? 502, {
    ...passedOn(response.headers),
    ...(length === undefined ? {} : { 'content-length': length }),
  });
  await pipeline(response, exchange.response).catch(() => closeBoth(response, exchange));
}

function closeBoth(response: IncomingMessage, exchange: Exchange): void {
  response.destroy();
  exchange.response.destroy();
}

export function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name)));
}

// Upgraded connections (WebSocket): the handshake is passed on, then bytes in both directions.

import { STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { passedOn } from './forward.ts';
import type { UpgradeExchange } from './http-service.ts';
import type { Upstream } from './upstream.ts';

/** Passes an upgrade on and joins the two sockets. Resolves with the status of the handshake. */
export async function passUpgrade(
  exchange: UpgradeExchange,
  upstream: Upstream,
  next: {
    readonly base: string;
    readonly timeoutMs: number;
    readonly headers: OutgoingHttpHeaders;
  },
): Promise<number> {
  const { request, socket, head, target, context } = exchange;
  const answer = await upstream.upgrade({
    ...next,
    headers: {
      ...next.headers,
      connection: 'upgrade',
      upgrade: request.headers.upgrade ?? '',
    },
    method: request.method ?? 'GET',
    target,
    parent: context,
  });
  if (answer.outcome === 'upgraded') {
    const { response } = answer;
    socket.write(headOf(response, { connection: 'upgrade', upgrade: response.headers.upgrade }));
    if (answer.head.length > 0) socket.write(answer.head);
    if (head.length > 0) answer.socket.write(head);
    join(socket, answer.socket);
    return response.statusCode ?? 101;
  }
  if (answer.outcome !== 'answered')
    return refuseUpgrade(exchange, answer.outcome === 'timeout' ? 504 : 502);
  // The other side did not want to: its answer as it stands, and the end.
  socket.write(headOf(answer.response, { connection: 'close' }));
  answer.response.pipe(socket);
  answer.response.once('error', () => socket.destroy());
  socket.once('close', () => answer.response.destroy());
  return answer.response.statusCode ?? 502;
}

/** Answers the handshake with an error status and closes. */
export async function refuseUpgrade({ socket }: UpgradeExchange, status: number): Promise<number> {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
  return status;
}

/** Both sockets end together, however one of them ends. */
function join(one: Duplex, other: Duplex): void {
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
  one.once('close', () => other.destroy());
  other.once('close', () => one.destroy());
  one.pipe(other);
  other.pipe(one);
}

function headOf(response: IncomingMessage, extra: Record<string, string | undefined>): string {
  const fields = { ...passedOn(response.headers), ...extra };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${String(one)}\r\n`),
  );
  return `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${lines.join('')}\r\n`;
}

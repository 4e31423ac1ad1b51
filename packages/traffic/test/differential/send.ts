// One HTTP/1.1 request, sent as it is.

import { Agent, request as httpRequest } from 'node:http';
import type { TrafficRequest } from '../../src/index.ts';
import type { Answer } from './data-plane-under-test.ts';

export interface Sender {
  send(address: { host: string; port: number }, request: TrafficRequest): Promise<Answer>;
  close(): void;
}

export function createSender(): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  return {
    send: ({ host, port }, { method, path, headers }) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest(
          { agent, host, port, method, path, headers, setHost: false, timeout: 10_000 },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              const body = Buffer.concat(chunks).toString();
              const names = Object.entries(response.headers).map(([name, value]) => [
                name,
                Array.isArray(value) ? value.join(', ') : String(value),
              ]);
              const isUpstreams = body.startsWith('{"port":');
              resolve({
                status: response.statusCode ?? 0,
                headers: Object.fromEntries(names) as Record<string, string>,
                body,
                up: isUpstreams ? (JSON.parse(body) as Answer['up']) : undefined,
              });
            });
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
        sent.on('error', reject);
        sent.end();
      }),
    close: () => agent.destroy(),
  };
}

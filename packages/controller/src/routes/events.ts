// GET /api/v1/events: live events as they happen (server-sent events, WHATWG HTML §9.2).

import type { FastifyInstance } from 'fastify';
import type { EventHub } from '../events/event-hub.ts';
import { API } from './register.ts';

const PING_MS = 15_000;
/** A reader this far behind is dropped: it would only see what no longer is. */
const BACKLOG_BYTES = 1 << 20;

export function registerEvents(app: FastifyInstance, hub: EventHub): void {
  const open = new Set<() => void>();
  app.addHook('preClose', () => {
    for (const end of open) end();
  });
  app.get(`${API}/events`, { config: { role: 'viewer' } }, (request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...headersSoFar(reply.getHeaders()),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 2000\n\n');
    const last = Number(request.headers['last-event-id']);
    const send = (text: string) => {
      if (raw.writableLength > BACKLOG_BYTES) {
        raw.end('event: dropped\ndata: {"type":"dropped","reason":"this reader was too slow"}\n\n');
        end();
      } else raw.write(text);
    };
    const unsubscribe = hub.subscribe(Number.isFinite(last) ? last : undefined, ({ id, event }) =>
      send(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    );
    const ping = setInterval(() => send(': ping\n\n'), PING_MS);
    const end = () => {
      clearInterval(ping);
      unsubscribe();
      open.delete(close);
    };
    const close = () => {
      end();
      raw.end();
    };
    open.add(close);
    raw.on('close', end);
    raw.on('error', end);
  });
}

function headersSoFar(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

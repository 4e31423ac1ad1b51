// Live events over a real socket: in order, resumed, ended for a slow reader; queries that nobody waits
// for any more are cancelled.

import { connect, type Socket } from 'node:net';
import { waitFor } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealApp, startRealApp } from './support/real-app.ts';

interface Stream {
  readonly socket: Socket;
  text(): string;
}

describe('events', () => {
  let real: RealApp;
  let port: number;
  beforeAll(async () => {
    real = await startRealApp();
    port = Number(new URL(await real.app.listen({ port: 0 })).port);
  });
  afterAll(() => real?.close());

  async function listen(headers = ''): Promise<Stream> {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    await waitFor('the head', () => text.includes('retry: 2000'));
    return { socket, text: () => text };
  }
  const eventsOf = (stream: Stream) =>
    [...stream.text().matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n/g)].map(
      ([, id, type, text]) => ({ id: Number(id), type, event: JSON.parse(text!) as object }),
    );

  it('come in order, with what they are', async () => {
    const stream = await listen();
    expect(stream.text()).toMatch(/^HTTP\/1\.1 200[^]*content-type: text\/event-stream/i);
    expect(stream.text()).toMatch(/content-security-policy: default-src 'none'/i);
    for (let i = 0; i < 5; i++) real.events.publish({ type: 'service', service: `s${i}` });
    await waitFor('five events', () => eventsOf(stream).length === 5);
    expect(eventsOf(stream).map(({ event }) => event)).toEqual(
      Array.from({ length: 5 }, (_, i) => ({ type: 'service', service: `s${i}` })),
    );
    const ids = eventsOf(stream).map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    stream.socket.destroy();
    await waitFor('nobody listens', () => real.events.listeners === 0);
  });

  it('are resumed after the last one that was seen, without a gap', async () => {
    const first = await listen();
    real.events.publish({ type: 'service', service: 'before' });
    await waitFor('an event', () => eventsOf(first).length === 1);
    first.socket.destroy();
    const seen = eventsOf(first)[0]!.id;
    real.events.publish({ type: 'service', service: 'missed' });
    const second = await listen(`Last-Event-ID: ${seen}\r\n`);
    real.events.publish({ type: 'service', service: 'new' });
    await waitFor('both', () => eventsOf(second).length === 2);
    expect(eventsOf(second).map(({ event }) => (event as { service: string }).service)).toEqual([
      'missed',
      'new',
    ]);
    second.socket.destroy();
  });

  it('a reader that does not read is dropped and told so', async () => {
    const slow = await listen();
    await waitFor('it listens', () => real.events.listeners === 1);
    slow.socket.pause();
    const service = 'x'.repeat(100_000);
    await waitFor('it is dropped', () => {
      for (let i = 0; i < 20; i++) real.events.publish({ type: 'service', service });
      return real.events.listeners === 0;
    });
    slow.socket.resume();
    await waitFor('the word', () => slow.text().includes('"type":"dropped"'));
    expect(slow.text()).toMatch(/\r\n0\r\n\r\n$/); // and the stream is ended
    slow.socket.destroy();
  });
});

describe('a question whose client goes away', () => {
  it('is cancelled, and gives its place to others', async () => {
    const signals: AbortSignal[] = [];
    // Whatever is asked takes four seconds, in the real engine.
    const slow = 'SELECT sleepEachRow(0.5) FROM numbers(8) SETTINGS max_block_size = 1';
    const real = await startRealApp((store) => ({
      store: {
        ...store,
        select: (_sql, _params, options) => {
          signals.push(options!.signal!);
          return store.select(slow, {}, options);
        },
      },
      limits: {
        queryTimeoutMs: 30_000,
        concurrentQueries: 2,
        bodyBytes: 1 << 20,
        importBytes: 1 << 20,
      },
    }));
    const url = `${await real.app.listen({ port: 0 })}/api/v1/services`;
    const abort = new AbortController();
    const asked = [0, 1].map(() => fetch(url, { signal: abort.signal }).catch(() => 'gone'));
    await waitFor('both ask', () => signals.length >= 2);
    const third = await fetch(url);
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    abort.abort();
    expect(await Promise.all(asked)).toEqual(['gone', 'gone']);
    await waitFor('both are cancelled', () => signals.slice(0, 2).every((one) => one.aborted));
    const next = new AbortController();
    const before = signals.length;
    const fourth = fetch(url, { signal: next.signal }).catch(() => 'gone');
    await waitFor('it is let in', () => signals.length > before);
    next.abort();
    await fourth;
    await real.close();
  });
});

describe('a stream of events', () => {
  it('ends when the server does', async () => {
    const real = await startRealApp();
    const address = await real.app.listen({ port: 0 });
    const response = await fetch(`${address}/api/v1/events`);
    const text = response.text();
    await real.close();
    expect(await text).toContain('retry: 2000');
  });
});

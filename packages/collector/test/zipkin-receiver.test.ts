import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPipeline, type SpanPipeline } from '../src/queue.ts';
import type { Receiver } from '../src/receivers/http-receiver.ts';
import { createZipkinReceiver } from '../src/receivers/zipkin.ts';
import { memorySink, type MemorySink } from './support/memory-sink.ts';

let sink: MemorySink;
let pipeline: SpanPipeline;
let receiver: Receiver;

beforeEach(async () => {
  sink = memorySink();
  pipeline = createPipeline({ sink, limits: { pendingSpans: 5 } });
  receiver = createZipkinReceiver({ port: 0, pipeline });
  await receiver.start();
});
afterEach(async () => {
  await receiver.close(500);
  await pipeline.close();
});

function post(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  path = '/api/v2/spans',
) {
  return fetch(receiver.address() + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
}

const span = {
  traceId: '5af7183fb1d4cf5f',
  id: '352bff9a74ca9ad2',
  parentId: '6b221d5bc9e6496c',
  kind: 'SERVER',
  name: 'get /api',
  timestamp: 1_556_604_172_355_737,
  duration: 1431,
  localEndpoint: { serviceName: 'backend', ipv4: '192.168.99.1', port: 3306 },
  remoteEndpoint: { serviceName: 'frontend', ipv4: '172.19.0.2', port: 58648 },
  tags: { 'http.method': 'GET', 'http.path': '/api/42', 'http.status_code': '500', error: 'boom' },
  annotations: [{ timestamp: 1_556_604_172_355_800, value: 'ss' }],
};

describe('the Zipkin receiver', () => {
  test("takes the API's own example, plain and gzipped", async () => {
    expect((await post(JSON.stringify([span]))).status).toBe(202);
    const zipped = gzipSync(JSON.stringify([span]));
    expect((await post(zipped, { 'content-encoding': 'gzip' })).status).toBe(202);
    expect(sink.rows).toHaveLength(2);
    expect(sink.rows[0]).toMatchObject({
      traceId: '00000000000000005af7183fb1d4cf5f',
      spanId: '352bff9a74ca9ad2',
      parentSpanId: '6b221d5bc9e6496c',
      service: 'backend',
      peer: 'frontend',
      kind: 2,
      direction: 1,
      statusCode: 2,
      statusMessage: 'boom',
      httpStatusCode: 500,
      urlTemplate: '/api/{id}',
      startTimeUnixNano: 1_556_604_172_355_737_000n,
      durationNs: 1_431_000n,
      source: 'zipkin',
    });
    expect(sink.rows[1]).toEqual(sink.rows[0]);
    expect(receiver.stats()).toMatchObject({ id: 'zipkin', acceptedSpans: 2, refused: [] });
  });

  test.each([
    ['no JSON', '[{', 400, /not JSON/],
    ['no list', '{}', 400, /not a JSON list/],
    [
      'one bad span among good ones',
      JSON.stringify([span, { ...span, id: 'x' }]),
      400,
      /\[1\].*span id/,
    ],
    ['a zero id', JSON.stringify([{ ...span, traceId: '0'.repeat(16) }]), 400, /\[0\]/],
  ])('refuses %s and keeps nothing', async (_title, body, code, message) => {
    const response = await post(body);
    expect(response.status).toBe(code);
    expect(await response.text()).toMatch(message);
    expect(sink.rows).toHaveLength(0);
    expect(receiver.stats().refused).toEqual([{ signal: 'traces', reason: 'malformed', count: 1 }]);
  });

  test('says what it does not serve', async () => {
    const protobuf = await post('x', { 'content-type': 'application/x-protobuf' });
    expect(protobuf.status).toBe(415);
    expect(await protobuf.text()).toContain('JSON');
    expect((await post('[]', {}, '/api/v1/spans')).status).toBe(404);
    const get = await fetch(`${receiver.address()}/api/v2/spans`);
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
  });

  test('is 429 with Retry-After when the queue is full', async () => {
    const release = sink.hold();
    const many = Array.from({ length: 9 }, (_, i) => ({ ...span, id: `${i + 1}` }));
    const waiting = post(JSON.stringify(many));
    await expect.poll(() => pipeline.isFull()).toBe(true);
    const refused = await post(JSON.stringify([span]));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    release();
    expect((await waiting).status).toBe(202);
  });
});

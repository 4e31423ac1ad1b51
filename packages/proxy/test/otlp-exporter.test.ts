import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, waitFor } from '@clover/test-support';
import { createOtlpExporter, type OtlpExporter } from '../src/telemetry/spans/otlp-exporter.ts';
import { createTelemetry } from '../src/telemetry/telemetry.ts';
import { encodePartialSuccess } from './support/otlp-decode.ts';
import { requestRecord } from './support/request-record.ts';

type Answer = (count: number) => {
  status: number;
  body?: Uint8Array;
  headers?: Record<string, string>;
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function collector(answer: Answer, port = 0) {
  const requests: { url: string; type: string; body: string }[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        url: request.url ?? '',
        type: String(request.headers['content-type']),
        body: Buffer.concat(chunks).toString(),
      });
      const { status, body, headers } = answer(requests.length);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function exporter(endpoint: string, options: object = {}): OtlpExporter {
  const made = createOtlpExporter({ endpoint, maxBackoffMs: 50, ...options });
  closers.push(() => made.close());
  return made;
}

const batch = (text: string, spans = 1) => ({ body: Buffer.from(text), spans });

describe('OTLP exporter', () => {
  it('posts batches in order, as protobuf to /v1/traces', async () => {
    const { requests, url } = await collector(() => ({ status: 200 }));
    const to = exporter(url);
    for (const text of ['a', 'b', 'c']) to.export(batch(text, 2));
    await to.drain(5_000);
    expect(requests.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
    expect(requests[0]).toMatchObject({ url: '/v1/traces', type: 'application/x-protobuf' });
    expect(to.stats()).toMatchObject({
      sentSpans: 6,
      droppedSpans: 0,
      queuedSpans: 0,
      lastError: '',
    });
  });

  it('keeps batches while the collector is away and sends them when it is back', async () => {
    const port = await freePort();
    const to = exporter(`http://127.0.0.1:${port}`);
    to.export(batch('early'));
    await waitFor('a failure', () => to.stats().failedRequests > 1);
    expect(to.stats()).toMatchObject({ queuedSpans: 1, droppedSpans: 0 });
    expect(to.stats().lastError).toContain('ECONNREFUSED');
    const { requests } = await collector(() => ({ status: 200 }), port);
    to.export(batch('late'));
    await to.drain(5_000);
    expect(requests.map(({ body }) => body)).toEqual(['early', 'late']);
    expect(to.stats().lastError).toBe('');
  });

  it('tries again after 503 and 429, when Retry-After says so', async () => {
    const { requests, url } = await collector((count) =>
      count < 3
        ? { status: count === 1 ? 503 : 429, headers: { 'retry-after': '0' } }
        : { status: 200 },
    );
    const to = exporter(url);
    to.export(batch('x'));
    await to.drain(5_000);
    expect(requests).toHaveLength(3);
    expect(to.stats()).toMatchObject({ sentSpans: 1, failedRequests: 2 });
  });

  it('does not come back before Retry-After', async () => {
    const { requests, url } = await collector(() => ({
      status: 503,
      headers: { 'retry-after': '3600' },
    }));
    const to = exporter(url);
    to.export(batch('x'));
    await waitFor('the answer', () => to.stats().failedRequests === 1);
    await to.drain(300);
    expect(requests).toHaveLength(1);
    expect(to.stats().queuedSpans).toBe(1);
  });

  it('does not send again what the collector will never take', async () => {
    const { requests, url } = await collector((count) => ({ status: count === 1 ? 400 : 200 }));
    const to = exporter(url);
    to.export(batch('bad', 5));
    to.export(batch('good'));
    await to.drain(5_000);
    expect(requests).toHaveLength(2);
    expect(to.stats()).toMatchObject({ rejectedSpans: 5, sentSpans: 1 });
  });

  it('counts what the collector refused of a batch', async () => {
    const { url } = await collector(() => ({
      status: 200,
      body: encodePartialSuccess(3, 'too old'),
    }));
    const to = exporter(url);
    to.export(batch('x', 10));
    await to.drain(5_000);
    expect(to.stats()).toMatchObject({ sentSpans: 7, rejectedSpans: 3 });
  });

  it('drops and counts what does not fit in its queue, and what waited too long', async () => {
    const port = await freePort();
    const to = exporter(`http://127.0.0.1:${port}`, { maxQueueBytes: 10, maxRetryMs: 0 });
    to.export(batch('12345678', 3));
    to.export(batch('12345678', 4));
    expect(to.stats()).toMatchObject({ droppedSpans: 4, queuedSpans: 3 });
    await waitFor('giving up', () => to.stats().queuedSpans === 0);
    expect(to.stats().droppedSpans).toBe(7);
  });

  it('gives up on a collector that does not answer', async () => {
    const server = http.createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const to = exporter(`http://127.0.0.1:${port}`, { timeoutMs: 50 });
    to.export(batch('x'));
    await waitFor('a timeout', () => to.stats().failedRequests > 0);
    expect(to.stats().lastError).toContain('no answer within 50 ms');
  });

  it('leaves nothing behind when it is closed', async () => {
    const to = exporter(`http://127.0.0.1:${await freePort()}`);
    to.export(batch('x', 2));
    to.close();
    expect(to.stats()).toMatchObject({ droppedSpans: 2, queuedSpans: 0 });
    to.export(batch('y'));
    expect(to.stats().droppedSpans).toBe(3);
    await to.drain(1_000);
  });
});

describe('telemetry with two receivers', () => {
  const record = () =>
    requestRecord({
      trace: {
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
        upstreamSpanId: '00f067aa0ba902b7',
        parentSpanId: '',
        sampled: true,
        traceState: '',
        b3: 'none',
      },
    });

  it('sends both the same spans, and the first is not held up by the second', async () => {
    const one = await collector(() => ({ status: 200 }));
    const two = await collector((count) => ({ status: count === 1 ? 503 : 200 }));
    const telemetry = createTelemetry({
      samplingRatio: 1,
      spans: { endpoint: one.url },
      alsoSpans: { endpoint: two.url, maxBackoffMs: 50 },
    });
    for (let round = 0; round < 2; round++) {
      telemetry.record(record());
      await telemetry.flush(5_000);
    }
    expect(one.requests).toHaveLength(2);
    expect(two.requests.slice(1).map(({ body }) => body)).toEqual(
      one.requests.map(({ body }) => body),
    );
    const text = [...telemetry.prometheus()].join('');
    expect(text).toContain('clover_proxy_spans_made_total{} 2');
    expect(text).toContain('envoy_tracing_opentelemetry_spans_sent{} 2');
    expect(text).toContain('clover_proxy_second_spans_sent_total{} 2');
    await telemetry.close();
  });

  it('lets a batch grow while the collector is busy', async () => {
    const { requests, url } = await collector((count) => ({ status: count < 4 ? 503 : 200 }));
    const telemetry = createTelemetry({
      samplingRatio: 1,
      spans: { endpoint: url, maxBackoffMs: 1_500 },
    });
    const adding = setInterval(() => telemetry.record(record()), 100);
    await waitFor('the collector to have taken some', () => requests.length >= 5);
    clearInterval(adding);
    await telemetry.close();
    // Waiting requests were not sent one for each second.
    expect(requests.length).toBeLessThanOrEqual(7);
    expect(telemetry.stats().export).toMatchObject({ droppedSpans: 0, queuedSpans: 0 });
  });
});

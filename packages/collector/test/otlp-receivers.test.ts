import { gzipSync } from 'node:zlib';
import {
  Client,
  credentials,
  Metadata,
  status,
  type ChannelOptions,
  type ServiceError,
} from '@grpc/grpc-js';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { CloverError } from '@clover/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeOtlpMetrics } from '../src/metrics/decode-otlp-metrics.ts';
import { createMetricQueue, type MetricQueue } from '../src/metric-queue.ts';
import { createPipeline, type SpanPipeline } from '../src/queue.ts';
import type { PipelineLimits } from '../src/queue-limits.ts';
import type { Receiver } from '../src/receivers/http-receiver.ts';
import { createOtlpGrpcReceiver } from '../src/receivers/otlp-grpc.ts';
import { createOtlpHttpReceiver } from '../src/receivers/otlp-http.ts';
import { memorySink, type MemorySink } from './support/memory-sink.ts';
import { OtlpResponse, RpcStatus } from './support/otlp-descriptor.ts';
import { requestBytes, requestObject, text } from './support/requests.ts';
import { encodeOtlp } from './support/otlp-descriptor.ts';

let sink: MemorySink;
let pipeline: SpanPipeline;
let queue: MetricQueue;
let http: Receiver;
let grpc: Receiver;

async function start(limits: Partial<PipelineLimits> = {}): Promise<void> {
  sink = memorySink();
  pipeline = createPipeline({ sink, limits });
  queue = createMetricQueue({ sink });
  const metrics = {
    queue,
    decode: (bytes: Uint8Array, encoding: 'protobuf' | 'json', source: string) =>
      decodeOtlpMetrics(bytes, encoding, { source }),
  };
  const body = { maxBytes: 2_000_000, maxUnpackedBytes: 4_000_000 };
  http = createOtlpHttpReceiver({ port: 0, pipeline, metrics, body });
  grpc = createOtlpGrpcReceiver({ port: 0, pipeline, metrics, maxMessageBytes: 2_000_000 });
  await Promise.all([http.start(), grpc.start()]);
}

beforeEach(() => start());
afterEach(async () => {
  await Promise.all([http.close(500), grpc.close(500)]);
  await Promise.all([pipeline.close(), queue.close()]);
});

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };

function post(
  body: Uint8Array | string,
  headers: Record<string, string> = PROTOBUF,
  path = '/v1/traces',
): Promise<Response> {
  return fetch(http.address() + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
}

async function rpcStatus(response: Response): Promise<Record<string, unknown>> {
  return RpcStatus.toObject(RpcStatus.decode(Buffer.from(await response.arrayBuffer())));
}

async function exportWith(exporter: SpanExporter, count: number): Promise<void> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sdk', 'service.version': 'v2' }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, { maxQueueSize: count * 2, maxExportBatchSize: 64 }),
    ],
  });
  const tracer = provider.getTracer('lib', '1.0');
  for (let i = 0; i < count; i++) {
    const parent = tracer.startSpan('GET /users/:id', {
      kind: SpanKind.SERVER,
      attributes: {
        'http.method': 'GET',
        'http.status_code': 503,
        'http.target': `/users/${i}?q=1`,
      },
    });
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    const child = tracer.startSpan(
      'call',
      { kind: SpanKind.CLIENT, attributes: { list: ['a', 'b'] } },
      context,
    );
    child.recordException(new TypeError('no such thing'));
    child.end();
    parent.end();
  }
  await provider.forceFlush();
  await provider.shutdown();
}

describe.each([
  ['http', 'none'],
  ['http', 'gzip'],
  ['grpc', 'none'],
  ['grpc', 'gzip'],
] as const)("OpenTelemetry's own exporter over %s with compression %s", (protocol, compression) => {
  test('delivers every span whole', async () => {
    const options = { compression: compression as never };
    const exporter =
      protocol === 'http'
        ? new ProtoExporter({ ...options, url: `${http.address()}/v1/traces` })
        : new GrpcExporter({ ...options, url: `http://${grpc.address()}` });
    await exportWith(exporter, 100);
    expect(sink.rows).toHaveLength(200);
    const server = sink.rows.find((row) => row.kind === 2)!;
    expect(server).toMatchObject({
      service: 'sdk',
      version: 'v2',
      scopeName: 'lib',
      source: `otlp-${protocol}`,
      httpMethod: 'GET',
      httpStatusCode: 503,
      urlTemplate: '/users/{id}',
      direction: 1,
    });
    const child = sink.rows.find((row) => row.parentSpanId === server.spanId)!;
    expect(child).toMatchObject({
      traceId: server.traceId,
      direction: 2,
      exceptionType: 'TypeError',
      exceptionMessage: 'no such thing',
    });
    expect(child.attributes['list']).toBe('["a","b"]');
    expect(JSON.parse(child.events)).toHaveLength(1);
    const stats = (protocol === 'http' ? http : grpc).stats();
    expect(stats.acceptedSpans).toBe(200);
    expect(stats.refused).toEqual([]);
    expect(stats.lagMs).toBeLessThan(60_000);
  });
});

describe('OTLP/HTTP', () => {
  test('answers an empty message in the encoding of the request', async () => {
    const protobuf = await post(requestBytes(3));
    expect(protobuf.status).toBe(200);
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf');
    expect(await protobuf.arrayBuffer()).toHaveProperty('byteLength', 0);
    const json = await post('{"resourceSpans":[]}', JSON_TYPE);
    expect(json.status).toBe(200);
    expect(await json.json()).toEqual({});
    expect(sink.rows).toHaveLength(3);
  });

  test('takes JSON with hex ids, enum names, numbers as text, and unknown fields', async () => {
    const response = await post(
      JSON.stringify({
        resourceSpans: [
          {
            resource: { attributes: [text('service.name', 'js')], unknown: 1 },
            scopeSpans: [
              {
                scope: { name: 'browser', version: '9' },
                spans: [
                  {
                    traceId: '5B8EFFF798038103D269B633813FC60C',
                    spanId: 'EEE19B7EC3C1B174',
                    parentSpanId: '',
                    name: 'click',
                    kind: 'SPAN_KIND_CLIENT',
                    startTimeUnixNano: '1544712660000000123',
                    endTimeUnixNano: '1544712661000000123',
                    attributes: [
                      { key: 'n', value: { intValue: '9007199254740993' } },
                      { key: 'd', value: { doubleValue: 0.5 } },
                      { key: 'b', value: { boolValue: true } },
                      { key: 'm', value: { kvlistValue: { values: [text('x', 'y')] } } },
                      { key: 'bytes', value: { bytesValue: 'AQI=' } },
                    ],
                    status: { code: 2, message: 'bad' },
                    new_field: { a: [1] },
                  },
                ],
              },
            ],
          },
        ],
      }),
      JSON_TYPE,
    );
    expect(await response.json()).toEqual({});
    expect(sink.rows[0]).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      kind: 3,
      startTimeUnixNano: 1_544_712_660_000_000_123n,
      durationNs: 1_000_000_000n,
      statusCode: 2,
      statusMessage: 'bad',
      attributes: {
        n: '9007199254740993',
        d: '0.5',
        b: 'true',
        m: '{"x":"y"}',
        bytes: 'AQI=',
        'otel.scope.version': '9',
      },
    });
  });

  test('keeps all digits of times that came as bare JSON numbers', async () => {
    const span = `{"traceId":"${'1'.repeat(32)}","spanId":"${'2'.repeat(16)}","startTimeUnixNano":1544712660000000123,"endTimeUnixNano": 1544712660000000124}`;
    await post(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`, JSON_TYPE);
    expect(sink.rows[0]!.startTimeUnixNano).toBe(1_544_712_660_000_000_123n);
    expect(sink.rows[0]!.durationNs).toBe(1n);
  });

  test('invalid spans are a partial success, the others are kept', async () => {
    const request = requestObject(2) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
    Object.assign(request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!, {
      traceId: new Uint8Array(16),
    });
    const response = await post(encodeOtlp(request));
    expect(response.status).toBe(200);
    const answer = OtlpResponse.toObject(
      OtlpResponse.decode(Buffer.from(await response.arrayBuffer())),
      { longs: Number },
    );
    expect(answer).toEqual({
      partialSuccess: { rejected: 1, errorMessage: '1 × trace id missing, all zero or malformed' },
    });
    expect(sink.rows).toHaveLength(1);
    expect(http.stats().refused).toEqual([
      { signal: 'traces', reason: 'invalid_trace_id', count: 1 },
    ]);
  });

  test.each([
    [
      'truncated protobuf',
      PROTOBUF,
      requestBytes(2).subarray(0, 100),
      /resource_spans\[0\].*truncated/,
    ],
    ['JSON that is none', JSON_TYPE, '{"resourceSpans":[', /not JSON/],
    [
      'a field of the wrong type',
      JSON_TYPE,
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":5}]}]}]}',
      /resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.name: text is due/,
    ],
    ['an archive that is none', { ...PROTOBUF, 'content-encoding': 'gzip' }, 'no gzip', /unpacked/],
  ])('%s is refused with its place and nothing is kept', async (_title, headers, body, message) => {
    const response = await post(body, headers);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe(headers['content-type']);
    const answer =
      headers['content-type'] === 'application/json'
        ? ((await response.json()) as Record<string, unknown>)
        : await rpcStatus(response);
    expect(answer.code).toBe(3);
    expect(answer.message).toMatch(message);
    expect(sink.rows).toHaveLength(0);
    expect(http.stats().refused[0]!.count).toBe(1);
  });

  test('says what it does not serve: 404, 405, 415, 413', async () => {
    expect((await post('{}', JSON_TYPE, '/v1/logs')).status).toBe(404);
    const get = await fetch(`${http.address()}/v1/traces`);
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
    expect((await post('x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('x', { ...PROTOBUF, 'content-encoding': 'br' })).status).toBe(415);
    expect((await post(new Uint8Array(2_100_000))).status).toBe(413);
    const preflight = await fetch(`${http.address()}/v1/traces`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(preflight.status).toBe(405);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('refuses an archive that swells beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    const response = await post(bomb, { ...PROTOBUF, 'content-encoding': 'gzip' });
    expect(response.status).toBe(413);
    const small = gzipSync(Buffer.alloc(5_000_000));
    expect(small.length).toBeLessThan(8192);
    expect((await post(small, { ...PROTOBUF, 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('takes metrics in both encodings', async () => {
    const gauge = {
      resourceMetrics: [
        {
          resource: { attributes: [text('service.name', 'shop')] },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'queue.depth',
                  gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asInt: '7' }] },
                },
              ],
            },
          ],
        },
      ],
    };
    const response = await post(JSON.stringify(gauge), JSON_TYPE, '/v1/metrics');
    expect(response.status).toBe(200);
    const series = sink.metrics.flatMap((batch) => batch.series.map(({ name }) => name));
    expect(series).toContain('queue_depth');
    expect(http.stats().acceptedPoints).toBeGreaterThan(0);
    expect((await post(Buffer.from([0x0a, 0x05, 1]), PROTOBUF, '/v1/metrics')).status).toBe(400);
    expect(http.stats().refused).toEqual([{ signal: 'metrics', reason: 'malformed', count: 1 }]);
  });
});

describe('group commit', () => {
  test('many small requests at once share few inserts, and each is answered', async () => {
    sink.delayMs = 20;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => post(requestBytes(3, `s${i % 7}`))),
    );
    expect(answers.every(({ status: code }) => code === 200)).toBe(true);
    expect(sink.rows).toHaveLength(600);
    expect(new Set(sink.rows.map((row) => row.spanId)).size).toBe(600);
    expect(sink.batches.length).toBeLessThan(20);
  });

  test('nothing is answered before it is durable', async () => {
    const release = sink.hold();
    let answered = false;
    const response = post(requestBytes(1)).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
    release();
    expect((await response).status).toBe(200);
  });

  test('a malformed request between good ones leaves nothing behind', async () => {
    const release = sink.hold();
    const good = [post(requestBytes(5, 'a'))];
    const bad = post(requestBytes(50, 'bad').subarray(0, -7));
    good.push(post(requestBytes(5, 'b')));
    expect((await bad).status).toBe(400);
    release();
    await Promise.all(good);
    expect(sink.rows.map((row) => row.service).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => 'a'),
      ...Array.from({ length: 5 }, () => 'b'),
    ]);
    expect(sink.rows.some((row) => row.urlTemplate === '')).toBe(false);
  });

  test('a failing insert fails its requests as retryable and only those', async () => {
    sink.failure = new Error('disk full');
    const failed = await post(requestBytes(1));
    expect(failed.status).toBe(503);
    expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await rpcStatus(failed)).toMatchObject({ code: 14 });
    sink.failure = undefined;
    expect((await post(requestBytes(1))).status).toBe(200);
    expect(pipeline.stats()).toMatchObject({ failedInserts: 1, insertedSpans: 1, pendingSpans: 0 });
    expect(http.stats().lastError).toContain('disk full');
  });
});

describe('a full queue', () => {
  beforeEach(async () => {
    await Promise.all([http.close(100), grpc.close(100), pipeline.close(), queue.close()]);
    await start({ pendingSpans: 100 });
  });

  test('is 429 with Retry-After over HTTP, and has room again afterwards', async () => {
    const release = sink.hold();
    const waiting = post(requestBytes(120));
    await expect.poll(() => pipeline.isFull()).toBe(true);
    const refused = await post(requestBytes(1));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await rpcStatus(refused)).toMatchObject({ code: 8 });
    expect(http.stats().refused).toEqual([{ signal: 'traces', reason: 'full', count: 1 }]);
    release();
    expect((await waiting).status).toBe(200);
    expect((await post(requestBytes(1))).status).toBe(200);
  });

  test('is RESOURCE_EXHAUSTED with RetryInfo over gRPC', async () => {
    const release = sink.hold();
    const waiting = post(requestBytes(120));
    await expect.poll(() => pipeline.isFull()).toBe(true);
    const error = await callGrpc(requestBytes(1)).catch((failure: ServiceError) => failure);
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    const [details] = (error as ServiceError).metadata.get('grpc-status-details-bin');
    const decoded = RpcStatus.toObject(RpcStatus.decode(details as Buffer));
    expect(decoded).toMatchObject({
      code: 8,
      details: [{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' }],
    });
    release();
    await waiting;
  });
});

describe('OTLP/gRPC', () => {
  test('refuses malformed messages as INVALID_ARGUMENT and too big ones', async () => {
    await expect(callGrpc(Buffer.from([0x0a, 0x09, 1]))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('resource_spans[0]') as string,
    });
    await expect(callGrpc(new Uint8Array(2_100_000))).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
    const bomb = callGrpc(new Uint8Array(60_000_000), grpc.address(), undefined, GZIP);
    await expect(bomb).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(sink.rows).toHaveLength(0);
  });
});

describe('with an authorize hook', () => {
  const authorize = async (authorization: string | undefined) =>
    authorization === 'Bearer right'
      ? undefined
      : new CloverError('auth.token', 'a token is needed', { status: 401 });

  test('only callers that it lets in may send, over both protocols', async () => {
    const guardedHttp = createOtlpHttpReceiver({ port: 0, pipeline, authorize });
    const guardedGrpc = createOtlpGrpcReceiver({ port: 0, pipeline, authorize });
    await Promise.all([guardedHttp.start(), guardedGrpc.start()]);
    const send = (headers: Record<string, string>) =>
      fetch(`${guardedHttp.address()}/v1/traces`, {
        method: 'POST',
        headers: { ...PROTOBUF, ...headers },
        body: Buffer.from(requestBytes(1)),
      });
    const denied = await send({});
    expect(denied.status).toBe(401);
    expect(denied.headers.get('www-authenticate')).toBe('Bearer');
    expect(await rpcStatus(denied)).toMatchObject({ code: 16 });
    expect((await send({ authorization: 'Bearer right' })).status).toBe(200);
    const call = (token: string) => callGrpc(requestBytes(1), guardedGrpc.address(), token);
    await expect(call('Bearer wrong')).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await call('Bearer right');
    expect(sink.rows).toHaveLength(2);
    expect(guardedGrpc.stats().refused).toEqual([
      { signal: 'traces', reason: 'auth.token', count: 1 },
    ]);
    await Promise.all([guardedHttp.close(), guardedGrpc.close()]);
  });
});

describe('closing', () => {
  test('finishes what was begun', async () => {
    sink.delayMs = 100;
    const responses = [post(requestBytes(2)), post(requestBytes(2))];
    await expect.poll(() => pipeline.stats().pendingSpans).toBe(4);
    await Promise.all([http.close(), grpc.close()]);
    await pipeline.close();
    expect((await Promise.all(responses)).map(({ status: code }) => code)).toEqual([200, 200]);
    expect(sink.rows).toHaveLength(4);
    await expect(
      pipeline.submit(() => {
        throw new Error('not reached');
      }),
    ).rejects.toMatchObject({ code: 'collector.closed' });
  });

  test('a port in use is an error that says what to do', async () => {
    const port = Number(new URL(http.address()).port);
    const second = createOtlpHttpReceiver({ port, pipeline });
    await expect(second.start()).rejects.toMatchObject({ code: 'collector.address_in_use' });
    const third = createOtlpGrpcReceiver({ port: Number(grpc.address().split(':')[1]), pipeline });
    await expect(third.start()).rejects.toMatchObject({ code: 'collector.address_in_use' });
  });
});

/** @grpc/grpc-js' number for gzip. */
const GZIP: ChannelOptions = { 'grpc.default_compression_algorithm': 2 };

function callGrpc(
  message: Uint8Array,
  address = grpc.address(),
  authorization?: string,
  options: ChannelOptions = {},
): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure(), options);
  const same = (bytes: Buffer): Buffer => bytes;
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      same,
      same,
      Buffer.from(message),
      metadata,
      (error, answer) => (error ? reject(error) : resolve(answer!)),
    );
  }).finally(() => client.close());
}

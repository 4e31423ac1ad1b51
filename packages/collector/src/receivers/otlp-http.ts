// OTLP/HTTP: POST /v1/traces and /v1/metrics, protobuf and JSON.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CloverError } from '@clover/model';
import type { SpanPipeline } from '../queue.ts';
import type { Clock } from '../queue-limits.ts';
import { createSourceMeter, type OnRefusal } from '../source-meter.ts';
import { createBodyBudget, readBody, type BodyLimits } from './http-body.ts';
import { answer, createHttpListener, type ListenOptions, type Receiver } from './http-receiver.ts';
import { createOtlpHandler, type OtlpMetrics } from './otlp.ts';
import {
  CONTENT_TYPES,
  exportResponse,
  GRPC_CODE,
  statusBody,
  type Encoding,
} from './otlp-status.ts';

export interface OtlpHttpOptions extends ListenOptions {
  /** Its name among the sources; default otlp-http. */
  readonly id?: string | undefined;
  readonly pipeline: SpanPipeline;
  readonly metrics?: OtlpMetrics | undefined;
  readonly body?: Partial<BodyLimits>;
  /** Origins whose browsers may send spans; none by default. */
  readonly corsOrigins?: readonly string[];
  readonly clock?: Clock;
  readonly onRefusal?: OnRefusal | undefined;
}

/** What is read of all bodies together at one time. */
const BODY_BUDGET_BYTES = 128 * 1024 * 1024;

/** The receiver on port 4318 by convention. Nothing listens before start(). */
export function createOtlpHttpReceiver(options: OtlpHttpOptions): Receiver {
  const { pipeline } = options;
  const limits = {
    maxBytes: 32 * 1024 * 1024,
    maxUnpackedBytes: 128 * 1024 * 1024,
    ...options.body,
  };
  const budget = createBodyBudget(BODY_BUDGET_BYTES);
  const meter = createSourceMeter({
    id: options.id ?? 'otlp-http',
    ...(options.clock ? { clock: options.clock } : {}),
    onRefusal: options.onRefusal,
  });
  const handler = createOtlpHandler({
    source: 'otlp-http',
    pipeline,
    metrics: options.metrics,
    meter,
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = encodingOf(request);
    allowOrigin(request, response, options.corsOrigins ?? []);
    const fail = (error: CloverError) => refuse(request, response, encoding ?? 'json', error);
    const what = WHAT[(request.url ?? '').split('?')[0]!];
    if (what === undefined) return fail(notFound(request.url ?? ''));
    if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-origin'))
      return preflight(request, response);
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return fail(wrongMethod(request.method ?? ''));
    }
    try {
      const denied = await options.authorize?.(request.headers.authorization);
      if (denied) throw denied;
      if (encoding === undefined) throw wrongType(request.headers['content-type']);
      const full = handler.refuseEarly(what);
      if (full) throw full;
      const body = await readBody(request, limits, budget);
      const delivered = deliver(what, body.bytes, encoding);
      // Decoding is done by now; what is waited for is the store.
      body.release();
      const rejection = await delivered;
      const type = { 'content-type': CONTENT_TYPES[encoding] };
      answer(request, response, 200, type, exportResponse(encoding, what, rejection));
    } catch (error) {
      if (!(error instanceof CloverError)) throw error;
      handler.refused(error, what);
      fail(error);
    }
  }

  function deliver(what: 'spans' | 'points', body: Uint8Array, encoding: Encoding) {
    return what === 'spans' ? handler.traces(body, encoding) : handler.metrics(body, encoding);
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    encoding: Encoding,
    error: CloverError,
  ): void {
    const retryable = error.status === 429 || error.status === 503;
    if (retryable) {
      const seconds = Math.ceil(pipeline.retryAfterMs() / 1000);
      response.setHeader('retry-after', String(seconds));
    }
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    const message = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
    const body = statusBody(encoding, codeOf(error.status), message);
    answer(request, response, error.status, { 'content-type': CONTENT_TYPES[encoding] }, body);
  }

  const listener = createHttpListener(options, handle);
  return { ...listener, stats: () => meter.snapshot(listener.address()) };
}

const WHAT: Readonly<Record<string, 'spans' | 'points' | undefined>> = {
  '/v1/traces': 'spans',
  '/v1/metrics': 'points',
};

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): void {
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
}

function preflight(request: IncomingMessage, response: ServerResponse): void {
  const headers = {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type, content-encoding',
    'access-control-max-age': '7200',
  };
  answer(request, response, 204, headers);
}

function codeOf(status: number): number {
  if (status === 429) return GRPC_CODE.resourceExhausted;
  if (status === 503) return GRPC_CODE.unavailable;
  if (status === 401) return GRPC_CODE.unauthenticated;
  if (status === 403) return GRPC_CODE.permissionDenied;
  if (status === 404) return GRPC_CODE.notFound;
  if (status === 405) return GRPC_CODE.unimplemented;
  return status < 500 ? GRPC_CODE.invalidArgument : GRPC_CODE.internal;
}

function notFound(url: string): CloverError {
  return new CloverError('collector.not_found', `nothing is served at ${url.slice(0, 100)}`, {
    hint: 'post to /v1/traces or /v1/metrics',
    status: 404,
  });
}

function wrongMethod(method: string): CloverError {
  return new CloverError('collector.method', `${method} is not answered here`, {
    hint: 'POST an ExportTraceServiceRequest or ExportMetricsServiceRequest',
    status: 405,
  });
}

function wrongType(type: string | undefined): CloverError {
  return new CloverError('collector.content_type', `content type ${type ?? '(none)'} is not OTLP`, {
    hint: 'send application/x-protobuf or application/json',
    status: 415,
  });
}

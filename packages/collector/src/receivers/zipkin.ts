// Zipkin v2: POST /api/v2/spans in JSON, plain or gzipped. https://zipkin.io/zipkin-api/

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CloverError, type Span } from '@clover/model';
import type { SpanBatchBuilder } from '../builder.ts';
import { MalformedError } from '../decode-error.ts';
import { SpanCounts } from '../decode-result.ts';
import { malformedError } from '../errors.ts';
import { createRefusals } from '../importers/refusals.ts';
import { zipkinToSpan } from '../importers/zipkin.ts';
import type { SpanPipeline } from '../queue.ts';
import type { Clock } from '../queue-limits.ts';
import { createSourceMeter, type OnRefusal } from '../source-meter.ts';
import { createBodyBudget, readBody, type BodyLimits } from './http-body.ts';
import { answer, createHttpListener, type ListenOptions, type Receiver } from './http-receiver.ts';
import { reasonOf } from './otlp.ts';

export interface ZipkinOptions extends ListenOptions {
  readonly pipeline: SpanPipeline;
  readonly body?: Partial<BodyLimits>;
  readonly clock?: Clock;
  readonly onRefusal?: OnRefusal | undefined;
}

/** The receiver on port 9411 by convention. A request is taken whole or not at all; errors are plain text. */
export function createZipkinReceiver(options: ZipkinOptions): Receiver {
  const { pipeline } = options;
  const limits = {
    maxBytes: 32 * 1024 * 1024,
    maxUnpackedBytes: 128 * 1024 * 1024,
    ...options.body,
  };
  const budget = createBodyBudget(128 * 1024 * 1024);
  const meter = createSourceMeter({
    id: 'zipkin',
    ...(options.clock ? { clock: options.clock } : {}),
    onRefusal: options.onRefusal,
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkHead(request);
      const denied = await options.authorize?.(request.headers.authorization);
      if (denied) throw denied;
      const full = pipeline.refusal();
      if (full) throw full;
      const body = await readBody(request, limits, budget);
      const spans = zipkinSpans(body.bytes);
      body.release();
      const { counts, newestUnixMs } = await pipeline.submit((builder) => append(builder, spans));
      meter.accept({ spans: counts.accepted, newestUnixMs });
      answer(request, response, 202, {});
    } catch (error) {
      const failure = error instanceof MalformedError ? malformedError(error) : error;
      if (!(failure instanceof CloverError)) throw failure;
      meter.refuse(reasonOf(failure), 1, failure.message);
      refuse(request, response, failure);
    }
  }

  function refuse(request: IncomingMessage, response: ServerResponse, error: CloverError): void {
    if (error.status === 429 || error.status === 503)
      response.setHeader('retry-after', String(Math.ceil(pipeline.retryAfterMs() / 1000)));
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    if (error.status === 405) response.setHeader('allow', 'POST');
    const hint = error.hint === undefined ? '' : `\n${error.hint}`;
    const type = { 'content-type': 'text/plain; charset=utf-8' };
    answer(request, response, error.status, type, `${error.message}${hint}\n`);
  }

  const listener = createHttpListener(options, handle);
  return { ...listener, stats: () => meter.snapshot(listener.address()) };
}

/** The spans of a v2 body. Throws MalformedError with the place of the first one that is none. */
export function zipkinSpans(body: Uint8Array): Span[] {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new MalformedError(`the body is not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!Array.isArray(list)) throw new MalformedError('the body is not a JSON list of spans');
  const refusals = createRefusals();
  const spans = list.map((raw: unknown, index) => {
    const span = zipkinToSpan(raw, `[${index}]`, refusals);
    const [refused] = refusals.entries();
    if (span === undefined || refused !== undefined)
      throw new MalformedError(refused?.reason ?? 'not a span').within(`[${index}]`);
    return span;
  });
  return spans;
}

function append(builder: SpanBatchBuilder, spans: readonly Span[]): SpanCounts {
  const counts = new SpanCounts();
  spans.forEach((span, index) => {
    const refusal = builder.appendSpan(span, 'zipkin');
    if (refusal !== undefined) throw new MalformedError(refusal).within(`[${index}]`);
    counts.add(undefined);
  });
  return counts;
}

function checkHead(request: IncomingMessage): void {
  const path = (request.url ?? '').split('?')[0]!;
  if (path !== '/api/v2/spans') {
    throw new CloverError('collector.not_found', `nothing is served at ${path.slice(0, 100)}`, {
      hint: 'post Zipkin v2 JSON to /api/v2/spans',
      status: 404,
    });
  }
  if (request.method !== 'POST') {
    throw new CloverError('collector.method', `${request.method} is not answered here`, {
      hint: 'POST a JSON list of spans',
      status: 405,
    });
  }
  // Always demanded: without one, any web page could send spans to a local receiver.
  const type = (request.headers['content-type'] ?? '(none)').split(';')[0]!.trim();
  if (type.toLowerCase() !== 'application/json') {
    throw new CloverError('collector.content_type', `content type ${type} is not taken`, {
      hint: 'send Zipkin v2 JSON as application/json: Encoding.JSON in Brave, HTTP_JSON in Envoy',
      status: 415,
    });
  }
}

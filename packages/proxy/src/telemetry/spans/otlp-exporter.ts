// Batches of spans to a collector over OTLP/HTTP, one request at a time. While the collector is away they
// wait in a bounded queue; what does not fit is dropped and counted. Nothing here ever blocks traffic.

import http from 'node:http';
import https from 'node:https';
import { backoffMs, isRetryable, retryAfterMs } from './retry-after.ts';
import { readRejectedSpans } from './partial-success.ts';
import type { SpanExport } from './span-batches.ts';

export interface OtlpExporterOptions {
  /** `http://127.0.0.1:4318`, or with a path of its own. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of batches that wait, 16 MB by default. */
  readonly maxQueueBytes?: number;
  readonly timeoutMs?: number;
  /** A batch is given up after so long; 5 minutes by default. */
  readonly maxRetryMs?: number;
  /** The longest wait between two tries, 5 s by default. */
  readonly maxBackoffMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface OtlpExporterStats {
  readonly sentSpans: number;
  /** Refused by the collector, whole batches or part of one. */
  readonly rejectedSpans: number;
  /** The queue was full, or the batch was given up. */
  readonly droppedSpans: number;
  readonly failedRequests: number;
  readonly queuedSpans: number;
  readonly queuedBytes: number;
  /** Of the last failure; '' after a success. */
  readonly lastError: string;
}

export interface OtlpExporter {
  export(batch: SpanExport): void;
  stats(): OtlpExporterStats;
  /** Resolves when the queue is empty, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  /** What still waits is dropped and counted. */
  close(): void;
}

interface Queued {
  readonly batch: SpanExport;
  readonly sinceMs: number;
  tries: number;
}

export function createOtlpExporter(options: OtlpExporterOptions): OtlpExporter {
  const { maxQueueBytes = 16 << 20, timeoutMs = 10_000, maxRetryMs = 300_000 } = options;
  const { maxBackoffMs = 5_000, now = Date.now, random = Math.random } = options;
  const url = new URL(options.endpoint);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  const client = url.protocol === 'https:' ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 1 });
  const queue: Queued[] = [];
  const stats = { sent: 0, rejected: 0, dropped: 0, failed: 0, queued: 0, bytes: 0, lastError: '' };
  let timer: NodeJS.Timeout | undefined;
  let current: http.ClientRequest | undefined;
  let closed = false;
  const waiters = new Set<() => void>();

  function next(): void {
    if (closed || current !== undefined || timer !== undefined) return;
    const head = queue[0];
    if (head === undefined) {
      for (const done of waiters) done();
      return;
    }
    send(head);
  }

  function send(head: Queued): void {
    const request = client.request(url, {
      method: 'POST',
      agent,
      timeout: timeoutMs,
      headers: {
        ...options.headers,
        'content-type': 'application/x-protobuf',
        'content-length': head.batch.body.length,
      },
    });
    current = request;
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        if ((size += chunk.length) <= 65_536) chunks.push(chunk);
      });
      response.on('end', () => answered(head, response, Buffer.concat(chunks)));
      response.on('error', (error) => failed(head, error.message));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) => failed(head, error.message));
    request.end(head.batch.body);
  }

  function answered(head: Queued, response: http.IncomingMessage, body: Buffer): void {
    if (queue[0] !== head || closed) return;
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      const rejected = Math.min(head.batch.spans, readRejectedSpans(body));
      stats.rejected += rejected;
      stats.sent += head.batch.spans - rejected;
      stats.lastError = '';
      shift();
    } else if (isRetryable(status)) {
      const wait = retryAfterMs(response.headers['retry-after'], now(), 60_000);
      failed(head, `the collector answered ${status}`, wait);
    } else {
      stats.failed++;
      stats.rejected += head.batch.spans;
      stats.lastError = `the collector answered ${status}`;
      shift();
    }
  }

  function failed(head: Queued, why: string, waitMs?: number): void {
    if (queue[0] !== head || closed) return;
    stats.failed++;
    stats.lastError = why;
    current = undefined;
    if (now() - head.sinceMs > maxRetryMs) {
      stats.dropped += head.batch.spans;
      shift();
      return;
    }
    timer ??= setTimeout(
      () => {
        timer = undefined;
        next();
      },
      waitMs ?? backoffMs(head.tries, random, maxBackoffMs),
    );
    timer.unref();
    head.tries++;
  }

  function shift(): void {
    const head = queue.shift();
    if (head) {
      stats.queued -= head.batch.spans;
      stats.bytes -= head.batch.body.length;
    }
    current = undefined;
    next();
  }

  return {
    export(batch) {
      if (closed || stats.bytes + batch.body.length > maxQueueBytes) {
        stats.dropped += batch.spans;
        return;
      }
      queue.push({ batch, sinceMs: now(), tries: 0 });
      stats.queued += batch.spans;
      stats.bytes += batch.body.length;
      next();
    },
    stats: () => ({
      sentSpans: stats.sent,
      rejectedSpans: stats.rejected,
      droppedSpans: stats.dropped,
      failedRequests: stats.failed,
      queuedSpans: stats.queued,
      queuedBytes: stats.bytes,
      lastError: stats.lastError,
    }),
    async drain(drainMs) {
      if (queue.length === 0 || closed) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(limit);
          waiters.delete(done);
          resolve();
        };
        const limit = setTimeout(done, drainMs);
        waiters.add(done);
      });
    },
    close() {
      closed = true;
      clearTimeout(timer);
      stats.dropped += stats.queued;
      stats.queued = 0;
      stats.bytes = 0;
      queue.length = 0;
      current?.destroy();
      agent.destroy();
      for (const done of waiters) done();
    },
  };
}

// Prometheus remote write 1.0: a snappy-packed protobuf of series and samples.
// https://prometheus.io/docs/specs/prw/remote_write_spec/

import type { MetricSeries } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import { familyOf, type MetricFamily } from '../metrics/family.ts';
import { inferType } from '../metrics/infer-type.ts';
import { createMetricBatchBuilder } from '../metrics/metric-batch-builder.ts';
import { snappyDecode, SnappyError } from '../metrics/snappy.ts';
import type { MetricSink } from '../sink.ts';
import { readWriteRequest, type WriteRequest } from './remote-write-request.ts';

export interface RemoteWriteRequest {
  /** Names in lower case, as node:http has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface RemoteWriteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RemoteWriteOptions {
  readonly sink: MetricSink;
  /** Of the plain request. Default 32 MiB; more is answered with 413. */
  readonly maxBytes?: number;
  /** Told what each answered request brought, for counters and the sources page. */
  readonly onResult?: (result: {
    readonly points: number;
    readonly refused: readonly { readonly reason: string; readonly count: number }[];
    readonly newestUnixMs: number | null;
    readonly error: string | null;
  }) => void;
}

export type RemoteWriteHandler = (request: RemoteWriteRequest) => Promise<RemoteWriteAnswer>;

const MAX_FAMILIES = 50_000;

/**
 * A handler for POST /api/v1/write. 204 only after all samples are durable; 400 for what is broken
 * (nothing of it is kept), 413 for what is too large, 415 for another encoding or remote write 2.0,
 * and whatever status the sink's error carries (503 otherwise) when it cannot keep them: the sender
 * tries those again.
 */
export function createRemoteWriteHandler(options: RemoteWriteOptions): RemoteWriteHandler {
  const maxBytes = options.maxBytes ?? 32 * 2 ** 20;
  // Senders tell the types in requests of their own, from time to time.
  const families = new Map<string, MetricFamily>();

  return async ({ headers, body }) => {
    const wrongType = unsupported(headers);
    if (wrongType !== undefined) return refuse(415, wrongType);
    let request: WriteRequest;
    try {
      request = readWriteRequest(snappyDecode(body, maxBytes));
    } catch (error) {
      if (error instanceof SnappyError) return refuse(error.tooLarge ? 413 : 400, error.message);
      if (error instanceof MalformedError) return refuse(400, error.message);
      throw error;
    }
    for (const { name, ...family } of request.metadata) {
      if (families.has(name) || families.size < MAX_FAMILIES) families.set(name, family);
    }
    const { batch, newestUnixMs } = toBatch(request, families);
    if (batch.values.length > 0) {
      try {
        await options.sink.writeMetrics(batch);
      } catch (error) {
        return refuseLater(error);
      }
    }
    const refused =
      request.nativeHistograms > 0
        ? [{ reason: 'native histograms are not kept', count: request.nativeHistograms }]
        : [];
    options.onResult?.({ points: batch.values.length, refused, newestUnixMs, error: null });
    return { status: 204, headers: {}, body: '' };
  };

  function refuse(status: number, message: string): RemoteWriteAnswer {
    const refused = [{ reason: `remote write: ${status}`, count: 1 }];
    options.onResult?.({ points: 0, refused, newestUnixMs: null, error: message });
    return answer(status, message);
  }

  function refuseLater(error: unknown): RemoteWriteAnswer {
    const message = error instanceof Error ? error.message : String(error);
    const said = (error as { status?: unknown }).status;
    const status = said === 429 || said === 503 ? said : 503;
    options.onResult?.({ points: 0, refused: [], newestUnixMs: null, error: message });
    return { ...answer(status, message), headers: { ...TEXT, 'retry-after': '1' } };
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

function answer(status: number, message: string): RemoteWriteAnswer {
  return { status, headers: TEXT, body: `${message}\n` };
}

/** Why the request is not remote write 1.0; undefined when it is. */
function unsupported(headers: RemoteWriteRequest['headers']): string | undefined {
  const one = (name: string) => String(headers[name] ?? '').toLowerCase();
  const type = one('content-type');
  if (!/^application\/x-protobuf(;|$)/.test(type)) {
    return `content type "${type}" is not application/x-protobuf`;
  }
  const proto = /;\s*proto=([^;\s]+)/.exec(type)?.[1];
  if (proto !== undefined && proto !== 'prometheus.writerequest') {
    return `message ${proto} is not supported: send remote write 1.0 (prometheus.WriteRequest)`;
  }
  if (one('x-prometheus-remote-write-version').startsWith('2') && proto === undefined) {
    return 'remote write 2.0 is not supported: send 1.0 (prometheus.WriteRequest)';
  }
  const encoding = one('content-encoding');
  return encoding === 'snappy' ? undefined : `content encoding "${encoding}" is not snappy`;
}

function toBatch(request: WriteRequest, families: ReadonlyMap<string, MetricFamily>) {
  const builder = createMetricBatchBuilder('remote-write');
  let newestUnixMs: number | null = null;
  request.series.forEach(({ name, labels, times, values, stale }, i) => {
    if (times.length === 0) return;
    const index = builder.series(String(i), () => {
      const family = familyOf(name, families);
      const series: MetricSeries = {
        name,
        labels,
        type: family?.type ?? inferType(name, labels),
        unit: family?.unit ?? '',
        help: family?.help ?? '',
      };
      return series;
    });
    times.forEach((time, at) => {
      if (stale[at] === true) builder.stalePoint(index, time);
      else builder.point(index, time, values[at]!);
      if (newestUnixMs === null || time > newestUnixMs) newestUnixMs = time;
    });
  });
  return { batch: builder.take(), newestUnixMs };
}

// An import is taken whole or not at all as far as its form goes: the file is read to its end and
// checked first, and only then are its spans and points written.

import type { ImportAnswer, MetricBatch, Span } from '@clover/model';
import { parseImport, type ImportFormat, type ImportPiece } from './parse-import.ts';
import { createRefusals } from './refusals.ts';
import { spool } from './spool.ts';

export interface ImportProgress {
  readonly phase: 'reading' | 'checking' | 'storing';
  /** Bytes of the file as given (packed, when it is packed) that this phase has gone through. */
  readonly bytes: number;
  readonly spans: number;
  readonly points: number;
}

export interface ImportOptions {
  /** Default auto: found out from the content. */
  readonly format?: ImportFormat | 'auto';
  /** Resolves when they are durable; gives how many were refused, by reason. */
  readonly writeSpans: (
    spans: readonly Span[],
  ) => Promise<void | readonly { readonly reason: string; readonly count: number }[]>;
  readonly writeMetrics: (batch: MetricBatch) => Promise<void>;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Time of metric samples that carry none. Default now. */
  readonly timeUnixMs?: number;
  /** Spans are written in groups of about this many. Default 5,000. */
  readonly spansPerWrite?: number;
  /** More unpacked bytes than this are refused. Default 16 GiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** Up to this many spans and points are kept between checking and storing; beyond, the file is parsed twice. */
const KEPT_ITEMS = 50_000;

/**
 * Reads Jaeger API JSON, Zipkin v2 JSON, OTLP JSON (a document or JSON lines), Prometheus text or
 * OpenMetrics, plain or gzipped, and writes what it holds. Throws CloverError with the place when
 * the file is broken: then nothing was written. Importing a file again changes nothing, because a
 * span counts once.
 */
export async function importStream(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportAnswer> {
  const report = options.onProgress ?? (() => undefined);
  const timeUnixMs = options.timeUnixMs ?? Date.now();
  const kept = await spool(stream, {
    onBytes: (bytes) => report({ phase: 'reading', bytes, spans: 0, points: 0 }),
  });
  try {
    const refusals = createRefusals();
    const parse = (phase: 'checking' | 'storing', counted: ReturnType<typeof createRefusals>) =>
      parseImport(
        () => counting(kept.read(), (bytes) => report({ phase, bytes, ...tally.counts() })),
        {
          format: options.format ?? 'auto',
          timeUnixMs,
          refusals: counted,
          ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
        },
      );
    const tally = createTally();
    let pieces: ImportPiece[] | undefined = [];
    let items = 0;
    for await (const piece of parse('checking', refusals)) {
      options.signal?.throwIfAborted();
      tally.add(piece);
      items += piece.spans.length + (piece.metrics?.values.length ?? 0);
      if (items > KEPT_ITEMS) pieces = undefined;
      pieces?.push(piece);
    }
    const again = pieces ?? parse('storing', createRefusals());
    await store(again, options, (reason, count) => {
      tally.refused += count;
      refusals.add(reason, 'the collector', count);
    });
    report({ phase: 'storing', bytes: kept.bytes, ...tally.counts() });
    return {
      ...tally.answer(),
      refused: refusals.entries().map(({ reason, place, count }) => ({
        reason: `${reason}, first at ${place}`,
        count,
      })),
    };
  } finally {
    await kept.remove();
  }
}

async function store(
  pieces: Iterable<ImportPiece> | AsyncIterable<ImportPiece>,
  options: ImportOptions,
  refuse: (reason: string, count: number) => void,
) {
  const limit = options.spansPerWrite ?? 5000;
  let waiting: Span[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const refused = (await options.writeSpans(waiting)) ?? [];
    for (const { reason, count } of refused) refuse(reason, count);
    waiting = [];
  };
  for await (const piece of pieces) {
    options.signal?.throwIfAborted();
    for (const span of piece.spans) {
      waiting.push(span);
      if (waiting.length >= limit) await flush();
    }
    if (piece.metrics !== undefined) await options.writeMetrics(piece.metrics);
  }
  await flush();
}

function createTally() {
  let format = '';
  let spans = 0;
  let points = 0;
  const traces = new Set<string>();
  const services = new Set<string>();
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const time = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return {
    refused: 0,
    add(piece: ImportPiece) {
      format = piece.format;
      spans += piece.spans.length;
      for (const span of piece.spans) {
        traces.add(span.traceId);
        const service = span.resource.attributes['service.name'];
        if (typeof service === 'string') services.add(service);
        const ms = Number(span.startTimeUnixNano / 1_000_000n);
        firstMs = Math.min(firstMs, ms);
        lastMs = Math.max(lastMs, ms);
      }
      for (const ms of piece.metrics?.timesUnixMs ?? []) {
        points++;
        firstMs = Math.min(firstMs, ms);
        lastMs = Math.max(lastMs, ms);
      }
    },
    counts: () => ({ spans, points }),
    answer() {
      return {
        format,
        spans: spans - this.refused,
        traces: traces.size,
        services: [...services].sort(),
        points,
        firstTime: time(firstMs),
        lastTime: time(lastMs),
      };
    },
  };
}

async function* counting(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (total: number) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    onBytes(total);
    yield chunk;
  }
}

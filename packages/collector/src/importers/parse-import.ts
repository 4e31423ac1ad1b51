// A file's bytes as spans and metric points, piece by piece: finds out what the file is, unpacks it
// and hands each piece to the converter of its format.

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CloverError, type MetricBatch, type Span } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import { createDeltaAccumulator, type DeltaAccumulator } from '../metrics/delta-accumulator.ts';
import { createExpositionParser } from '../metrics/exposition-parser.ts';
import { createMetricBatchBuilder } from '../metrics/metric-batch-builder.ts';
import { readOtlpMetricsJson } from '../metrics/otlp-metrics-json.ts';
import { translateOtlpMetrics } from '../metrics/otlp-metrics.ts';
import { jaegerTraceToSpans, keepLongIntegers } from './jaeger.ts';
import { refuseAccessLog } from './refuse-access-log.ts';
import { jsonItems, type JsonItem } from './json-items.ts';
import { isRecord } from './json-shape.ts';
import { otlpResourceToSpans } from './otlp-json.ts';
import type { Refusals } from './refusals.ts';
import { zipkinToSpan } from './zipkin.ts';

export const IMPORT_FORMATS = ['jaeger', 'zipkin', 'otlp', 'prometheus'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ParseImportOptions {
  readonly format: ImportFormat | 'auto';
  /** Time of metric samples that carry none. */
  readonly timeUnixMs: number;
  readonly refusals: Refusals;
  /** More unpacked bytes than this are refused. Default 16 GiB. */
  readonly maxBytes?: number;
}

export interface ImportPiece {
  readonly format: ImportFormat;
  readonly spans: readonly Span[];
  readonly metrics: MetricBatch | undefined;
}

const STREAMED = new Set(['data', 'resourceSpans', 'resourceMetrics', 'resourceLogs']);
const POINTS_PER_PIECE = 20_000;

/**
 * The pieces of a file, plain or gzipped, in its order; `read` may be called more than once. Throws
 * CloverError `import.…` (or `metrics.bad_exposition`) with the place where the file breaks its
 * format; spans that alone are wrong are left out and counted in `refusals`.
 */
export async function* parseImport(
  read: () => AsyncIterable<Uint8Array>,
  options: ParseImportOptions,
): AsyncGenerator<ImportPiece> {
  const plain = async () =>
    limited(withoutMark(await unpack(read())), options.maxBytes ?? 16 * 2 ** 30);
  const [first, chunks] = await peek(await plain(), isNotBlank);
  if (first === undefined || !isNotBlank(first)) {
    throw new CloverError('import.empty', 'the file is empty', { status: 400 });
  }
  refuseAccessLog(first);
  const start = first.find((byte) => byte > 0x20);
  const isJson = start === 0x7b || start === 0x5b;
  if (options.format === 'prometheus' || (options.format === 'auto' && !isJson)) {
    // Only its last line tells OpenMetrics, whose times are seconds, from the older format.
    const format = (await endsWithEof(chunks)) ? 'openmetrics' : 'text';
    yield* parsePrometheus(await plain(), format, options);
  } else {
    yield* parseJson(chunks, options);
  }
}

async function endsWithEof(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    tail = chunk.length >= 32 ? chunk.slice(-32) : Buffer.concat([tail, chunk]).subarray(-32);
  }
  return /(^|\n)# EOF\s*$/.test(Buffer.from(tail).toString('latin1'));
}

async function* parseJson(
  chunks: AsyncIterable<Uint8Array>,
  options: ParseImportOptions,
): AsyncGenerator<ImportPiece> {
  let format = options.format === 'auto' ? undefined : options.format;
  const deltas = createDeltaAccumulator();
  const items = jsonItems(chunks, { streamed: STREAMED, rewrite: keepLongIntegers });
  for await (const item of items) {
    const found = formatOf(item);
    if (found === undefined || (format !== undefined && found !== format && found !== 'any')) {
      throw new CloverError(
        'import.unknown_format',
        `line ${item.line}, at ${item.pointer || '/'}: this is not ${format === undefined ? 'a form that can be imported' : `${format} JSON`}`,
        {
          hint: IMPORTABLE,
          status: 400,
          issues: [{ at: `line ${item.line} ${item.pointer || '/'}`, message: 'unknown form' }],
        },
      );
    }
    if (found === 'any') continue;
    format = found;
    const piece = convert(item, format, options, deltas);
    if (piece.spans.length > 0 || piece.metrics !== undefined) yield piece;
  }
  if (format !== undefined) yield { format, spans: [], metrics: undefined };
}

/** What a piece belongs to; `any` for empty wrappers; undefined when it is nothing that is known. */
function formatOf(item: JsonItem): ImportFormat | 'any' | undefined {
  if (item.type === 'element') {
    if (item.member === 'data') return 'jaeger';
    if (item.member !== '') return 'otlp';
    if (Array.isArray(item.value)) return 'zipkin';
  }
  const { value } = item;
  if (!isRecord(value)) return undefined;
  if ('traceID' in value || Array.isArray(value.spans)) return 'jaeger';
  if ('traceId' in value && 'id' in value) return 'zipkin';
  if (item.type === 'element' && 'traceId' in value) return 'zipkin';
  if (isRecord(value.result) && 'resourceSpans' in value.result) return 'otlp';
  if (item.streamed.includes('data')) return 'jaeger';
  if (item.streamed.length > 0) return 'otlp';
  return Object.keys(value).length === 0 ? 'any' : undefined;
}

function convert(
  item: JsonItem,
  format: ImportFormat,
  options: ParseImportOptions,
  deltas: DeltaAccumulator,
): ImportPiece {
  const place = item.pointer === '' ? `line ${item.line}` : item.pointer;
  const { refusals } = options;
  const spans: Span[] = [];
  let metrics: MetricBatch | undefined;
  const { value } = item;
  if (format === 'jaeger') {
    if (item.streamed.length === 0) {
      const trace = isRecord(value) && !Array.isArray(value.spans) ? { spans: [value] } : value;
      spans.push(...jaegerTraceToSpans(trace, place, refusals));
    } else if (isRecord(value)) noteJaegerErrors(value, refusals);
  } else if (format === 'zipkin') {
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    list.forEach((raw, index) => {
      const at = Array.isArray(value) ? `${place}/${index}` : place;
      const span = zipkinToSpan(raw, at, refusals);
      if (span !== undefined) spans.push(span);
    });
  } else if (item.member === 'resourceSpans') {
    spans.push(...otlpResourceToSpans(value, place, refusals));
  } else if (item.member === 'resourceMetrics') {
    metrics = otlpMetrics(value, place, deltas, refusals);
  } else if (item.member === 'resourceLogs') {
    refusals.add('logs are not kept', place);
  } else if (isRecord(value) && isRecord(value.result)) {
    // Jaeger's API v3 answers with one such object a line.
    const list = Array.isArray(value.result.resourceSpans) ? value.result.resourceSpans : [];
    (list as unknown[]).forEach((resource, index) => {
      const at = `${place}/result/resourceSpans/${index}`;
      spans.push(...otlpResourceToSpans(resource, at, refusals));
    });
  }
  return { format, spans, metrics };
}

function otlpMetrics(
  value: unknown,
  place: string,
  deltas: DeltaAccumulator,
  refusals: Refusals,
): MetricBatch | undefined {
  try {
    const groups = readOtlpMetricsJson({ resourceMetrics: [value] });
    const { batch, refused } = translateOtlpMetrics(groups, { source: 'import', deltas });
    for (const { reason, count } of refused) refusals.add(reason, place, count);
    return batch.values.length > 0 ? batch : undefined;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new CloverError('import.bad_otlp', `at ${place}: ${error.message}`, {
      status: 400,
      cause: error,
      issues: [{ at: place, message: error.message }],
    });
  }
}

// The wrapper of an API answer may say that the answer is not whole.
function noteJaegerErrors(wrapper: Readonly<Record<string, unknown>>, refusals: Refusals) {
  if (!Array.isArray(wrapper.errors)) return;
  for (const error of wrapper.errors as unknown[]) {
    const message = isRecord(error) && typeof error.msg === 'string' ? error.msg : 'unknown';
    refusals.add(`the export says: ${message}`, '/errors');
  }
}

async function* parsePrometheus(
  chunks: AsyncIterable<Uint8Array>,
  format: 'text' | 'openmetrics',
  options: ParseImportOptions,
): AsyncGenerator<ImportPiece> {
  const builder = createMetricBatchBuilder('import');
  const parser = createExpositionParser(builder, {
    format,
    timeUnixMs: options.timeUnixMs,
  });
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) {
      parser.push(decode(utf8, chunk));
      if (builder.points >= POINTS_PER_PIECE) {
        yield { format: 'prometheus', spans: [], metrics: builder.take() };
      }
    }
    parser.push(decode(utf8));
    parser.end();
  } catch (error) {
    const guessed = options.format === 'auto' && parser.samples === 0;
    throw guessed && error instanceof CloverError ? unknownForm(error) : error;
  }
  yield {
    format: 'prometheus',
    spans: [],
    metrics: builder.points > 0 ? builder.take() : undefined,
  };
}

const IMPORTABLE =
  'Jaeger API JSON, Zipkin v2 JSON, OTLP JSON (lines), Prometheus text and OpenMetrics can be imported';

/** Not JSON, so it could only have been metrics: the error of that reader alone would puzzle whoever meant spans. */
function unknownForm(cause: CloverError): CloverError {
  return new CloverError(
    'import.unknown_format',
    `this is in no form that can be imported: it is not JSON, and as Prometheus text it is wrong: ${cause.message}`,
    { hint: IMPORTABLE, status: 400, cause, issues: cause.issues },
  );
}

function decode(utf8: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? utf8.decode() : utf8.decode(chunk, { stream: true });
  } catch (cause) {
    throw new CloverError('import.bad_text', 'the file is not valid UTF-8', { status: 400, cause });
  }
}

async function unpack(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const [first, chunks] = await peek(bytes, (head) => head.length >= 2);
  if (first?.[0] !== 0x1f || first[1] !== 0x8b) return chunks;
  const gunzip = createGunzip();
  // The error reaches the reader of gunzip; the callback only keeps it from being unhandled.
  pipeline(Readable.from(chunks), gunzip, () => undefined);
  return named(gunzip);
}

async function* named(gunzip: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzip;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw cause;
    throw new CloverError(
      'import.bad_gzip',
      `the gzip stream is broken: ${(cause as Error).message}`,
      {
        hint: 'the file may be cut short',
        status: 400,
        cause,
      },
    );
  }
}

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new CloverError('import.too_large', `the file unpacks to more than ${maxBytes} bytes`, {
        status: 413,
      });
    }
    yield chunk;
  }
}

/** Without a UTF-8 byte order mark. */
async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const [first, chunks] = await peek(bytes, (head) => head.length >= 3);
  let skip = first?.[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf ? 3 : 0;
  for await (const chunk of chunks) {
    yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = 0;
  }
}

function isNotBlank(head: Uint8Array): boolean {
  return head.some((byte) => byte > 0x20);
}

/** The first bytes, as many as `enough` wants (or all), and the whole stream with them; undefined when empty. */
async function peek(
  bytes: AsyncIterable<Uint8Array>,
  enough: (head: Uint8Array) => boolean,
): Promise<[Uint8Array | undefined, AsyncIterable<Uint8Array>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Uint8Array | undefined;
  while (head === undefined || !enough(head)) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = head === undefined ? next.value : Buffer.concat([head, next.value]);
  }
  async function* whole() {
    try {
      if (head !== undefined) yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [head, whole()];
}

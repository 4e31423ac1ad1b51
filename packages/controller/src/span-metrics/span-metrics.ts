// traces_spanmetrics_*: calls and latency per service, span name, kind and status under the names that
// Tempo's metrics generator gives them. Counted as spans pass into the store, because a counter must
// grow smoothly and never fall, which an analysis of what is held cannot promise.

import { batchText, isFailed, type SpanBatch } from '@clover/model';
import { header, histogramSeries, labelText, type Labels } from './exposition.ts';

export interface SpanMetrics {
  /** Counts the spans of a batch that is durable. */
  note(batch: SpanBatch, nowMs: number): void;
  /** Exposition text. */
  text(): string;
}

interface Series {
  readonly labels: Labels;
  calls: number;
  sumNs: number;
  readonly bins: Float64Array;
}

/** Tempo's default: seconds. */
export const SPAN_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, i) => 0.002 * 2 ** i);
const BOUNDS_NS = Float64Array.from(SPAN_BOUNDS, (seconds) => seconds * 1e9);
/** A span that ended longer ago is history: a counter of now would show it as a burst. */
const LATE_MS = 300_000;
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const UNSET = 0;
const ERROR = 2;
const STATUSES = ['UNSET', 'OK', 'ERROR'];
const OTHER: Labels = {
  service: 'other',
  span_name: 'other',
  span_kind: 'SPAN_KIND_UNSPECIFIED',
  status_code: 'STATUS_CODE_UNSET',
};

/** At most `maxSeries` label sets; spans of further ones are counted under "other". */
export function createSpanMetrics(maxSeries: number): SpanMetrics {
  const series = new Map<string, Series>();
  const other = newSeries(OTHER);
  let late = 0;

  function seriesOf(batch: SpanBatch, row: number, status: number): Series {
    const service = batchText(batch, batch.columns.service[row]!);
    const name = batchText(batch, batch.columns.name[row]!);
    const kind = batch.kinds[row]!;
    const key = `${service}\0${name}\0${kind}\0${status}`;
    const known = series.get(key);
    if (known) return known;
    if (series.size >= maxSeries) return other;
    const made = newSeries({
      service,
      span_name: name,
      span_kind: `SPAN_KIND_${KINDS[kind] ?? 'UNSPECIFIED'}`,
      status_code: `STATUS_CODE_${STATUSES[status] ?? 'UNSET'}`,
    });
    series.set(key, made);
    return made;
  }

  return {
    note(batch, nowMs) {
      const { count, kinds, sampleWeights } = batch;
      const services = batch.columns.service;
      const names = batch.columns.name;
      const strings = batch.utf8?.ends.length ?? batch.strings.length;
      const starts = words(batch.startTimesUnixNano);
      const durations = words(batch.durationsNs);
      const oldestNs = (nowMs - LATE_MS) * 1e6;
      const ofBatch = new Map<number, Series>();
      for (let row = 0; row < count; row++) {
        const duration = nanos(durations, row);
        if (nanos(starts, row) + duration < oldestNs) {
          late++;
          continue;
        }
        const status = statusOf(batch, row);
        const key = ((services[row]! * strings + names[row]!) * 8 + kinds[row]!) * 4 + status;
        let one = ofBatch.get(key);
        if (one === undefined) ofBatch.set(key, (one = seriesOf(batch, row, status)));
        const weight = sampleWeights[row]!;
        one.calls += weight;
        one.sumNs += duration * weight;
        let bin = 0;
        while (bin < BOUNDS_NS.length && duration > BOUNDS_NS[bin]!) bin++;
        one.bins[bin]! += weight;
      }
    },
    text() {
      const all = [...series.values(), ...(other.calls > 0 ? [other] : [])];
      const out: string[] = [];
      header(out, 'traces_spanmetrics_calls_total', 'counter', 'Spans by their weight.');
      for (const one of all)
        out.push(`traces_spanmetrics_calls_total${labelText(one.labels)} ${one.calls}`);
      header(out, 'traces_spanmetrics_latency', 'histogram', 'Durations of spans in seconds.');
      for (const one of all)
        histogramSeries(out, 'traces_spanmetrics_latency', one.labels, {
          bounds: SPAN_BOUNDS,
          bins: one.bins,
          sum: one.sumNs / 1e9,
        });
      header(
        out,
        'clover_spanmetrics_late_spans_total',
        'counter',
        'Spans left out of traces_spanmetrics_* because they ended more than five minutes before they came.',
      );
      out.push(`clover_spanmetrics_late_spans_total ${late}`);
      return `${out.join('\n')}\n`;
    },
  };
}

/** Error is told of just those spans that every answer counts as failed; a client's 404 is none. */
function statusOf({ kinds, directions, statusCodes, httpStatusCodes }: SpanBatch, row: number) {
  const status = statusCodes[row]!;
  const facts = { kind: kinds[row]!, direction: directions[row]!, status };
  if (isFailed({ ...facts, httpStatus: httpStatusCodes[row]! })) return ERROR;
  return status === ERROR ? UNSET : status;
}

const newSeries = (labels: Labels): Series => ({
  labels,
  calls: 0,
  sumNs: 0,
  bins: new Float64Array(SPAN_BOUNDS.length + 1),
});

/** Two words a number, low one first: reading bigints would cost more than all the rest. */
const words = (column: BigUint64Array): Uint32Array =>
  new Uint32Array(column.buffer, column.byteOffset, column.length * 2);

const nanos = (column: Uint32Array, row: number): number =>
  column[row * 2 + 1]! * 4294967296 + column[row * 2]!;

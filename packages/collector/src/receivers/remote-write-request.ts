// prometheus.WriteRequest, field by field.
// https://github.com/prometheus/prometheus/blob/main/prompb/types.proto

import type { MetricType } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import { STALE_NAN_BITS } from '../metrics/metric-batch-builder.ts';
import { ProtoReader } from '../metrics/proto-reader.ts';

export interface WriteRequest {
  readonly series: readonly WrittenSeries[];
  readonly metadata: readonly {
    readonly name: string;
    readonly type: MetricType;
    readonly unit: string;
    readonly help: string;
  }[];
  /** How many samples came as native histograms, which are not read. */
  readonly nativeHistograms: number;
}

export interface WrittenSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** Per sample whether it is a staleness marker. */
  readonly stale: readonly boolean[];
}

/** prompb.MetricMetadata.MetricType in the order of its numbers. */
const TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'histogram', // gauge histogram
  'summary',
  'gauge', // info
  'gauge', // state set
];

/** Reads the plain bytes. Throws MalformedError with the place of the fault. */
export function readWriteRequest(bytes: Uint8Array): WriteRequest {
  const series: WrittenSeries[] = [];
  const metadata: WriteRequest['metadata'][number][] = [];
  let nativeHistograms = 0;
  const reader = new ProtoReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) {
      const read = readSeries(reader, series.length);
      series.push(read.series);
      nativeHistograms += read.histograms;
    } else if (reader.field === 3) {
      reader.expect(2);
      metadata.push(readMetadata(reader.message()));
    } else reader.skip();
  }
  return { series, metadata, nativeHistograms };
}

function readSeries(outer: ProtoReader, index: number) {
  const labels = new Map<string, string>();
  const times: number[] = [];
  const values: number[] = [];
  const stale: boolean[] = [];
  let histograms = 0;
  try {
    outer.expect(2);
    const reader = outer.message();
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(2);
        const [name, value] = readLabel(reader.message());
        if (labels.has(name)) throw new MalformedError(`the label ${name} stands twice`);
        labels.set(name, value);
      } else if (reader.field === 2) {
        reader.expect(2);
        const sample = readSample(reader.message());
        times.push(sample.time);
        values.push(sample.value);
        stale.push(sample.stale);
      } else {
        if (reader.field === 4) histograms++;
        reader.skip();
      }
    }
    const name = labels.get('__name__') ?? '';
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
      throw new MalformedError(`"${name}" is not a metric name`);
    }
    labels.delete('__name__');
    const series = { name, labels: Object.fromEntries(labels), times, values, stale };
    return { series, histograms };
  } catch (error) {
    throw error instanceof MalformedError ? error.within(`timeseries[${index}]`) : error;
  }
}

function readLabel(reader: ProtoReader): [string, string] {
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      reader.expect(2);
      if (reader.field === 1) name = reader.string();
      else value = reader.string();
    } else reader.skip();
  }
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
    throw new MalformedError(`"${name}" is not a label name`);
  return [name, value];
}

function readSample(reader: ProtoReader) {
  let value = 0;
  let time = 0;
  let stale = false;
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(1);
      const bits = reader.fixed64();
      stale = bits === STALE_NAN_BITS;
      value = doubleOf(bits);
    } else if (reader.field === 2) {
      reader.expect(0);
      time = Number(reader.int64());
    } else reader.skip();
  }
  if (!(Math.abs(time) <= MAX_TIME_MS)) throw new MalformedError(`${time} is not a time`);
  return { value, time, stale };
}

function readMetadata(reader: ProtoReader) {
  let type: MetricType = 'unknown';
  let name = '';
  let help = '';
  let unit = '';
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(0);
      type = TYPES[reader.uint32()] ?? 'unknown';
    } else if (reader.field === 2 || reader.field === 4 || reader.field === 5) {
      reader.expect(2);
      const text = reader.string();
      if (reader.field === 2) name = text;
      else if (reader.field === 4) help = text;
      else unit = text;
    } else reader.skip();
  }
  return { name, type, unit, help };
}

const MAX_TIME_MS = 8_640_000_000_000_000;
const bitsOf = new BigUint64Array(1);
const asDouble = new Float64Array(bitsOf.buffer);

function doubleOf(bits: bigint): number {
  bitsOf[0] = bits;
  return asDouble[0]!;
}

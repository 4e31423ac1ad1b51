import type { MetricBatch, MetricSeries } from '@clover/model';

export interface MetricBatchBuilder {
  /**
   * The index of a series, added when `key` is new. Two calls with the same key mean the same
   * series; `make` runs only for a new one.
   */
  series(key: string, make: () => MetricSeries): number;
  point(seriesIndex: number, timeUnixMs: number, value: number): void;
  /** A point that says that the series has ended: Prometheus' staleness marker. */
  stalePoint(seriesIndex: number, timeUnixMs: number): void;
  readonly points: number;
  /** The series that have a point at just this time, with their keys. */
  seriesAt(timeUnixMs: number): [string, MetricSeries][];
  /** The batch so far; the builder starts again from nothing. */
  take(): MetricBatch;
}

/** Collects points in growing columns; `source` names what brought them. */
export function createMetricBatchBuilder(source: string): MetricBatchBuilder {
  let indexes = new Map<string, number>();
  let list: MetricSeries[] = [];
  let seriesIndexes = new Uint32Array(256);
  let times = new Float64Array(256);
  let values = new Float64Array(256);
  let count = 0;

  function grow() {
    const capacity = seriesIndexes.length * 2;
    const wider = new Uint32Array(capacity);
    wider.set(seriesIndexes);
    seriesIndexes = wider;
    times = widen(times, capacity);
    values = widen(values, capacity);
  }

  function point(seriesIndex: number, timeUnixMs: number, value: number) {
    if (count === seriesIndexes.length) grow();
    seriesIndexes[count] = seriesIndex;
    times[count] = timeUnixMs;
    values[count] = value;
    count++;
  }

  return {
    series(key, make) {
      const known = indexes.get(key);
      if (known !== undefined) return known;
      const index = list.length;
      list.push(make());
      indexes.set(key, index);
      return index;
    },
    point,
    stalePoint(seriesIndex, timeUnixMs) {
      point(seriesIndex, timeUnixMs, Number.NaN);
      // By its bits: a NaN that goes through a variable may lose them.
      new BigUint64Array(values.buffer)[count - 1] = STALE_NAN_BITS;
    },
    get points() {
      return count;
    },
    seriesAt(timeUnixMs) {
      const found = new Uint8Array(list.length);
      for (let i = 0; i < count; i++) if (times[i] === timeUnixMs) found[seriesIndexes[i]!] = 1;
      return [...indexes]
        .filter(([, index]) => found[index] === 1)
        .map(([key, index]) => [key, list[index]!]);
    },
    take() {
      const batch: MetricBatch = {
        series: list,
        seriesIndexes: seriesIndexes.slice(0, count),
        timesUnixMs: times.slice(0, count),
        values: values.slice(0, count),
        source,
      };
      indexes = new Map();
      list = [];
      count = 0;
      return batch;
    },
  };
}

function widen(from: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(capacity);
  to.set(from);
  return to;
}

/** The bits of Prometheus' staleness marker: a NaN unlike the one that arithmetic gives. */
export const STALE_NAN_BITS = 0x7ff0000000000002n;

/** Whether a value is the staleness marker and not any other NaN. */
export function isStale(values: Float64Array, index: number): boolean {
  return new BigUint64Array(values.buffer, values.byteOffset + index * 8, 1)[0] === STALE_NAN_BITS;
}

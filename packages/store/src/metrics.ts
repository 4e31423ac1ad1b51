// Metric points: a row a point, a row a series.

import { createHash } from 'node:crypto';
import type { MetricBatch, MetricSeries } from '@clover/model';
import type { Engine } from './engine/engine.ts';
import { NativeWriter, utf8Of } from './native/native-writer.ts';

export interface MetricWriter {
  write(batch: MetricBatch): Promise<void>;
  forget(): void;
}

const REMEMBERED = 500_000;
const COLUMNS = [
  { name: 'series_id', type: 'UInt64' },
  { name: 'time', type: "DateTime64(3, 'UTC')" },
  { name: 'value', type: 'Float64' },
  { name: 'source', type: 'LowCardinality(String)' },
] as const;

/** Series first, then points: a point without its series would be unseen. Series are written once a day. */
export function createMetricWriter(engine: Engine, clock: () => number): MetricWriter {
  const known = new Map<string, string>();
  return {
    async write(batch) {
      const count = batch.seriesIndexes.length;
      if (count === 0) return;
      const day = new Date(clock()).toISOString().slice(0, 10);
      const keys = batch.series.map(seriesKey);
      const ids = BigUint64Array.from(keys, seriesId);
      const fresh = batch.series.flatMap((one, index) =>
        known.get(keys[index]!) === day ? [] : [{ one, index }],
      );
      if (fresh.length > 0) {
        const seen = Math.floor(clock() / 1000);
        const rows = fresh.map(({ one, index }) => ({
          series_id: String(ids[index]),
          name: one.name,
          labels: one.labels,
          type: one.type,
          unit: one.unit,
          help: one.help,
          day,
          seen,
        }));
        await engine.insertRows('metric_series', rows);
        if (known.size > REMEMBERED) known.clear();
        for (const { index } of fresh) known.set(keys[index]!, day);
      }
      const series = new BigUint64Array(count);
      const times = new BigInt64Array(count);
      for (let at = 0; at < count; at++) {
        series[at] = ids[batch.seriesIndexes[at]!]!;
        times[at] = BigInt(Math.round(batch.timesUnixMs[at]!));
      }
      const writer = new NativeWriter(count * 26);
      const header = (index: number) =>
        writer.columnHeader(COLUMNS[index]!.name, COLUMNS[index]!.type);
      writer.blockHeader(COLUMNS.length, count);
      header(0);
      writer.numbers(series);
      header(1);
      writer.numbers(times);
      header(2);
      writer.numbers(batch.values);
      header(3);
      writer.lowCardinalityPrefix();
      writer.lowCardinality(
        utf8Of({ strings: ['', batch.source] }),
        new Uint32Array(count).fill(1),
        new Uint32Array(2),
      );
      await engine.insertNative('metric_points', {
        bytes: writer.finish(),
        columns: COLUMNS,
        rows: count,
      });
    },
    forget: () => known.clear(),
  };
}

function seriesKey(series: MetricSeries): string {
  const labels = Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([series.name, labels]);
}

function seriesId(key: string): bigint {
  return createHash('sha1').update(key).digest().readBigUInt64LE(0);
}

import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MetricBatch } from '@clover/model';
import { MalformedError } from '../decode-error.ts';
import { decodeOtlpMetrics } from './decode-otlp-metrics.ts';
import { createDeltaAccumulator } from './delta-accumulator.ts';
import { isStale } from './metric-batch-builder.ts';
import { labelName, prometheusName } from './otlp-names.ts';

/** `name{labels} value` sorted, times left out. */
function lines(batch: MetricBatch): string[] {
  return Array.from(batch.values, (value, i) => {
    const { name, labels } = batch.series[batch.seriesIndexes[i]!]!;
    const inner = Object.keys(labels)
      .filter((key) => key !== 'job' && key !== 'instance')
      .sort()
      .map((key) => `${key}="${labels[key]}"`);
    return `${name}{${inner.join(',')}} ${isStale(batch.values, i) ? 'stale' : value}`;
  }).sort();
}

async function requests(temporality: AggregationTemporality) {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      'service.name': 'cart',
      'service.namespace': 'shop',
      'service.instance.id': 'cart-0',
      'host.name': 'h1',
    }),
    readers: [reader],
    views: [
      { instrumentName: 'size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: 'duration',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: [0.005, 1, 2.5] },
        },
      },
    ],
  });
  const meter = provider.getMeter('test');
  const counter = meter.createCounter('http.requests', { unit: '{request}', description: 'All.' });
  const level = meter.createUpDownCounter('queue.length');
  const gauge = meter.createGauge('cpu.utilization', { unit: '1' });
  const duration = meter.createHistogram('duration', { unit: 's' });
  const size = meter.createHistogram('size', { unit: 'By' });
  const taken: { protobuf: Uint8Array; json: Uint8Array }[] = [];
  for (let round = 0; round < 2; round++) {
    counter.add(3, { 'http.route': '/a' });
    level.add(2);
    gauge.record(0.25 * (round + 1));
    for (const value of [0.001, 0.5, 2, 9]) duration.record(value);
    for (const value of [1, 2, 4, 100]) size.record(value);
    await reader.forceFlush();
    const metrics = exporter.getMetrics().at(-1)!;
    taken.push({
      protobuf: ProtobufMetricsSerializer.serializeRequest(metrics)!,
      json: JsonMetricsSerializer.serializeRequest(metrics)!,
    });
    await new Promise((resolve) => setTimeout(resolve, 2)); // deltas need another time
  }
  await provider.shutdown();
  return taken;
}

const EXPECTED_SECOND = [
  'cpu_utilization_ratio{} 0.5',
  'duration_seconds_bucket{le="+Inf"} 8',
  'duration_seconds_bucket{le="0.005"} 2',
  'duration_seconds_bucket{le="1"} 4',
  'duration_seconds_bucket{le="2.5"} 6',
  'duration_seconds_count{} 8',
  'duration_seconds_sum{} 23.002',
  'http_requests_total{http_route="/a"} 6',
  'queue_length{} 4',
  'size_bytes_bucket{le="+Inf"} 8',
  'size_bytes_bucket{le="1"} 2',
  'size_bytes_bucket{le="107.63474115247547"} 8',
  'size_bytes_bucket{le="2"} 4',
  'size_bytes_bucket{le="4"} 6',
  'size_bytes_count{} 8',
  'size_bytes_sum{} 214',
  'target_info{host_name="h1"} 1',
];

describe('decodeOtlpMetrics on what the OpenTelemetry SDK sends', () => {
  let cumulative: Awaited<ReturnType<typeof requests>>;
  let delta: Awaited<ReturnType<typeof requests>>;
  beforeAll(async () => {
    cumulative = await requests(AggregationTemporality.CUMULATIVE);
    delta = await requests(AggregationTemporality.DELTA);
  });

  it.each(['protobuf', 'json'] as const)('reads cumulative metrics in %s', (encoding) => {
    const { batch, refused, accepted } = decodeOtlpMetrics(cumulative[1]![encoding], encoding);
    expect(lines(batch)).toEqual(EXPECTED_SECOND);
    expect({ accepted, refused }).toEqual({ accepted: 5, refused: [] });
    expect(batch.source).toBe('otlp-http');
    const counter = batch.series.find((series) => series.name === 'http_requests_total')!;
    expect(counter).toMatchObject({ type: 'counter', help: 'All.', unit: '' });
    expect(counter.labels).toEqual({ http_route: '/a', job: 'shop/cart', instance: 'cart-0' });
    expect(batch.series.find((series) => series.name === 'duration_seconds_bucket')).toMatchObject({
      type: 'histogram',
      unit: 'seconds',
    });
  });

  it.each(['protobuf', 'json'] as const)(
    'adds deltas up in %s, a repeated request once',
    (encoding) => {
      const deltas = createDeltaAccumulator();
      decodeOtlpMetrics(delta[0]![encoding], encoding, { deltas });
      const second = decodeOtlpMetrics(delta[1]![encoding], encoding, { deltas });
      const again = decodeOtlpMetrics(delta[1]![encoding], encoding, { deltas });
      const counters = EXPECTED_SECOND.filter((line) => !/^(queue|cpu|target)/.test(line));
      expect(lines(second.batch)).toEqual(expect.arrayContaining(counters));
      expect(lines(again.batch)).toEqual(lines(second.batch));
      const older = decodeOtlpMetrics(delta[0]![encoding], encoding, { deltas });
      expect(older.refused[0]!.reason).toContain('older than the newest');
    },
  );

  it('never throws anything but its own error on damaged requests', () => {
    const { protobuf, json } = cumulative[0]!;
    fc.assert(
      fc.property(
        fc.constantFrom('protobuf', 'json'),
        fc.nat(),
        fc.nat(3),
        fc.uint8Array({ maxLength: 4 }),
        (encoding, from, length, insert) => {
          const bytes = Buffer.from(encoding === 'json' ? json : protobuf);
          const at = from % bytes.length;
          const damaged = Buffer.concat([
            bytes.subarray(0, at),
            insert,
            bytes.subarray(at + length),
          ]);
          const outcome = (() => {
            try {
              return decodeOtlpMetrics(damaged, encoding as 'json', {
                deltas: createDeltaAccumulator(),
              });
            } catch (error) {
              return error;
            }
          })();
          expect(outcome instanceof Error).toBe(outcome instanceof MalformedError);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('decodeOtlpMetrics', () => {
  const json = (metric: object) =>
    decodeOtlpMetrics(
      Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] })),
      'json',
    );
  const point = { timeUnixNano: '1700000000000000000' };

  it('counts points that have no time, no temporality or buckets that do not agree', () => {
    expect(json({ name: 'a', gauge: { dataPoints: [{}] } }).refused).toEqual([
      { reason: 'a data point without a time', count: 1 },
    ]);
    expect(json({ name: 'a', sum: { dataPoints: [point] } }).refused[0]!.reason).toContain(
      'temporality',
    );
    const histogram = {
      aggregationTemporality: 2,
      dataPoints: [{ ...point, bucketCounts: ['1'], explicitBounds: [1, 2] }],
    };
    expect(json({ name: 'a', histogram }).refused[0]!.reason).toContain('do not agree');
  });

  it('marks series without a recorded value as ended', () => {
    expect(
      lines(json({ name: 'a', gauge: { dataPoints: [{ ...point, flags: 1 }] } }).batch),
    ).toEqual(['a{} stale']);
  });

  it('reads summaries', () => {
    const summary = {
      dataPoints: [{ ...point, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }],
    };
    expect(lines(json({ name: 'a', summary }).batch)).toEqual([
      'a_count{} 2',
      'a_sum{} 3',
      'a{quantile="0.5"} 1',
    ]);
  });

  it('says where a request is malformed', () => {
    expect(() => json({ name: 'a', gauge: { dataPoints: [{ ...point, asDouble: 'x' }] } })).toThrow(
      'resourceMetrics[0].scopeMetrics[0].metrics[0].dataPoints[0].value: not a number',
    );
  });
});

describe('names', () => {
  it.each([
    ['system.io', 'foo/bar', 'other', 'system_io_foo_per_bar'],
    ['system.network.io', 'By', 'counter', 'system_network_io_bytes_total'],
    ['broken.metric.rate', 'By/s', 'gauge', 'broken_metric_rate_bytes_per_second'],
    ['hardware.fan.status_total', '', 'counter', 'hardware_fan_status_total'],
    ['2xx.share', '1', 'gauge', '_2xx_share_ratio'],
    ['storage.{}.capacity', '{packets}', 'other', 'storage_capacity'],
    ['envoy_cluster:rq', '', 'other', 'envoy_cluster:rq'],
    ['time_seconds', 's', 'other', 'time_seconds'],
  ] as const)('writes %s of unit "%s" (%s) as %s', (name, unit, kind, expected) => {
    expect(prometheusName(name, unit, kind).name).toBe(expected);
  });

  it('makes any key a label name', () => {
    expect(['http.route', '0a', '_x', '__y', 'é'].map(labelName)).toEqual([
      'http_route',
      'key_0a',
      'key_x',
      '__y',
      'key_',
    ]);
  });
});

// OTLP metrics as Prometheus series, by the rules of Prometheus' own OTLP receiver:
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
//  - job = service.namespace/service.name, instance = service.instance.id; a resource's other
//    attributes become labels of one target_info series;
//  - sums that only rise are counters (_total), other sums gauges; histograms are _bucket, _sum and
//    _count; exponential histograms get classic buckets; summaries their quantiles;
//  - delta temporality is added up to cumulative.

import type {
  Attributes,
  AttributeValue,
  MetricBatch,
  MetricSeries,
  MetricType,
} from '@clover/model';
import type { DeltaAccumulator, Parts } from './delta-accumulator.ts';
import { exponentialToClassic, type ClassicBucket } from './exponential-buckets.ts';
import { createMetricBatchBuilder } from './metric-batch-builder.ts';
import type {
  HistogramPoint,
  NumberPoint,
  OtlpMetric,
  OtlpResourceMetrics,
  SummaryPoint,
} from './otlp-metric-model.ts';
import { labelName, prometheusName } from './otlp-names.ts';

export interface TranslatedMetrics {
  readonly batch: MetricBatch;
  /** Data points of the request that are in the batch. */
  readonly accepted: number;
  /** Data points that are not, with the reason. */
  readonly refused: readonly { readonly reason: string; readonly count: number }[];
}

type Labels = Readonly<Record<string, string>>;

/** One request's metrics as a batch; nothing of a refused point is in it. */
export function translateOtlpMetrics(
  groups: readonly OtlpResourceMetrics[],
  options: { source: string; deltas: DeltaAccumulator },
): TranslatedMetrics {
  const builder = createMetricBatchBuilder(options.source);
  const refused = new Map<string, number>();
  const refuse = (reason: string, count = 1) =>
    void refused.set(reason, (refused.get(reason) ?? 0) + count);
  let accepted = 0;

  for (const group of groups) {
    const target = targetLabels(group.resource);
    let newestMs = 0;
    for (const metric of group.metrics) {
      if (metric.kind === 'empty') continue;
      if (!/[a-zA-Z0-9:]/.test(metric.name)) {
        refuse('a metric without a name', metric.points.length);
        continue;
      }
      const before = accepted;
      const latest = addMetric(metric, target);
      if (accepted > before) newestMs = Math.max(newestMs, latest);
    }
    if (newestMs > 0) addTargetInfo(group.resource, target, newestMs);
  }

  function addMetric(metric: Exclude<OtlpMetric, { kind: 'empty' }>, target: Labels): number {
    const { type, name, unit } = describe(metric);
    let latestMs = 0;
    const add = (suffix: string, labels: Labels, timeMs: number, value: number, stale: boolean) => {
      const full = name + suffix;
      const index = builder.series(seriesKey(full, labels), () => {
        const series: MetricSeries = { name: full, labels, type, unit, help: metric.description };
        return series;
      });
      if (stale) builder.stalePoint(index, timeMs);
      else builder.point(index, timeMs, value);
    };
    for (const point of metric.points) {
      if (point.timeUnixNano === 0n) {
        refuse('a data point without a time');
        continue;
      }
      const timeMs = Number(point.timeUnixNano / 1_000_000n);
      const stale = (point.flags & 1) !== 0;
      const labels = { ...pointLabels(point.attributes), ...target };
      const temporality =
        metric.kind === 'gauge' || metric.kind === 'summary' ? 2 : metric.temporality;
      if (temporality !== 1 && temporality !== 2) {
        refuse('a metric without aggregation temporality');
        continue;
      }
      let totals: Parts = partsOf(metric.kind, point);
      if (metric.kind === 'histogram' && !bucketsAgree(point as HistogramPoint)) {
        refuse('a histogram whose bucket counts and bounds do not agree');
        continue;
      }
      if (temporality === 1 && !stale) {
        const sum = options.deltas.add(seriesKey(name, labels), point.timeUnixNano, totals);
        if (sum === undefined) {
          refuse('a delta point older than the newest one of its series');
          continue;
        }
        totals = sum;
      }
      accepted++;
      latestMs = Math.max(latestMs, timeMs);
      if (metric.kind === 'gauge' || metric.kind === 'sum') {
        add('', labels, timeMs, totals.get('value')!, stale);
        continue;
      }
      if (metric.kind === 'summary') {
        for (const { quantile, value } of (point as SummaryPoint).quantiles) {
          add('', { ...labels, quantile: String(quantile) }, timeMs, value, stale);
        }
      } else {
        let below = 0;
        for (const [le, count] of bounds(totals)) {
          below += count;
          add('_bucket', { ...labels, le: boundText(le) }, timeMs, below, stale);
        }
        add('_bucket', { ...labels, le: '+Inf' }, timeMs, totals.get('count')!, stale);
      }
      const sum = totals.get('sum');
      if (sum !== undefined) add('_sum', labels, timeMs, sum, stale);
      add('_count', labels, timeMs, totals.get('count')!, stale);
    }
    return latestMs;
  }

  function addTargetInfo(resource: Attributes, target: Labels, timeMs: number) {
    const rest = Object.entries(resource).filter(([key]) => !IDENTIFYING.has(key));
    if (rest.length === 0 || Object.keys(target).length === 0) return;
    const labels = { ...pointLabels(Object.fromEntries(rest)), ...target };
    const index = builder.series(seriesKey('target_info', labels), () => ({
      name: 'target_info',
      labels,
      type: 'gauge',
      unit: '',
      help: 'Target metadata',
    }));
    builder.point(index, timeMs, 1);
  }

  const reasons = [...refused].map(([reason, count]) => ({ reason, count }));
  return { batch: builder.take(), accepted, refused: reasons };
}

const IDENTIFYING = new Set(['service.name', 'service.namespace', 'service.instance.id']);

function targetLabels(resource: Attributes): Labels {
  const name = resource['service.name'];
  const namespace = resource['service.namespace'];
  const instance = resource['service.instance.id'];
  const job =
    name === undefined
      ? undefined
      : namespace === undefined
        ? labelValue(name)
        : `${labelValue(namespace)}/${labelValue(name)}`;
  return {
    ...(job === undefined ? {} : { job }),
    ...(instance === undefined ? {} : { instance: labelValue(instance) }),
  };
}

function describe(metric: OtlpMetric): { type: MetricType; name: string; unit: string } {
  const counter = metric.kind === 'sum' && metric.monotonic;
  const gauge = metric.kind === 'gauge' || (metric.kind === 'sum' && !metric.monotonic);
  const type: MetricType = counter
    ? 'counter'
    : gauge
      ? 'gauge'
      : metric.kind === 'summary'
        ? 'summary'
        : 'histogram';
  const kind = counter ? 'counter' : metric.kind === 'gauge' ? 'gauge' : 'other';
  return { type, ...prometheusName(metric.name, metric.unit, kind) };
}

// Buckets stand under their upper bound, everything else under its name.
function partsOf(kind: OtlpMetric['kind'], point: unknown): Parts {
  if (kind === 'gauge' || kind === 'sum') {
    return new Map([['value', (point as NumberPoint).value]]);
  }
  const { count, sum } = point as { count: number; sum: number | undefined };
  const parts = new Map<string | number, number>([['count', count]]);
  if (sum !== undefined) parts.set('sum', sum);
  for (const bucket of classicBuckets(kind, point)) {
    parts.set(bucket.le, (parts.get(bucket.le) ?? 0) + bucket.count);
  }
  return parts;
}

function classicBuckets(kind: OtlpMetric['kind'], point: unknown): readonly ClassicBucket[] {
  if (kind === 'histogram') {
    const { bounds: upper, bucketCounts } = point as HistogramPoint;
    return upper.map((le, i) => ({ le, count: bucketCounts[i] ?? 0 }));
  }
  return kind === 'exponentialHistogram'
    ? exponentialToClassic(point as Parameters<typeof exponentialToClassic>[0])
    : [];
}

function bounds(parts: Parts): [number, number][] {
  const found = [...parts].filter((part): part is [number, number] => typeof part[0] === 'number');
  return found.sort((a, b) => a[0] - b[0]);
}

function bucketsAgree(point: HistogramPoint): boolean {
  if (point.bounds.some((bound, i) => i > 0 && !(bound > point.bounds[i - 1]!))) return false;
  return (
    (point.bounds.length === 0 && point.bucketCounts.length <= 1) ||
    point.bucketCounts.length === point.bounds.length + 1
  );
}

/** Attributes as labels; of keys that become one label the values stand together, joined by ; in the order of the keys. */
function pointLabels(attributes: Attributes): Record<string, string> {
  const labels = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const name = labelName(key);
    if (name === '') continue;
    const value = labelValue(attributes[key]!);
    const taken = labels.get(name);
    labels.set(name, taken === undefined ? value : `${taken};${value}`);
  }
  return Object.fromEntries(labels);
}

function labelValue(value: AttributeValue): string {
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? Number(item) : item,
  );
}

function seriesKey(name: string, labels: Labels): string {
  let key = name;
  for (const label of Object.keys(labels).sort()) key += `\u0000${label}\u0001${labels[label]}`;
  return key;
}

/** A bucket's bound without an exponent, as Go's FormatFloat(bound, 'f', -1, 64) has it. */
function boundText(bound: number): string {
  const text = String(bound);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, lead, fraction = '', power] = match as unknown as string[];
  const digits = lead! + fraction;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

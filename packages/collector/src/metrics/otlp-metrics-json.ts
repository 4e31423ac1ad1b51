// ExportMetricsServiceRequest in OTLP's JSON form.

import { MalformedError } from '../decode-error.ts';
import { attributesOf } from '../importers/otlp-json.ts';
import { isRecord, listOf, textOf, unsigned, type JsonRecord } from '../importers/json-shape.ts';
import type {
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpMetric,
  OtlpResourceMetrics,
  SummaryPoint,
} from './otlp-metric-model.ts';

/** The request's metrics. Throws MalformedError with the place of a field that has the wrong shape. */
export function readOtlpMetricsJson(request: unknown): OtlpResourceMetrics[] {
  if (!isRecord(request)) throw new MalformedError('the body is not a JSON object');
  return records(request.resourceMetrics, 'resourceMetrics').map((group, i) =>
    at(`resourceMetrics[${i}]`, () => ({
      resource: attributesOf(isRecord(group.resource) ? group.resource.attributes : undefined),
      metrics: records(group.scopeMetrics, 'scopeMetrics').flatMap((scope, j) =>
        at(`scopeMetrics[${j}]`, () =>
          records(scope.metrics, 'metrics').map((metric, k) =>
            at(`metrics[${k}]`, () => readMetric(metric)),
          ),
        ),
      ),
    })),
  );
}

function readMetric(raw: JsonRecord): OtlpMetric {
  const head = {
    name: textOf(raw.name),
    description: textOf(raw.description),
    unit: textOf(raw.unit),
  };
  const points = <T>(of: JsonRecord, read: (point: JsonRecord) => T): T[] =>
    records(of.dataPoints, 'dataPoints').map((point, i) =>
      at(`dataPoints[${i}]`, () => read(point)),
    );
  if (isRecord(raw.gauge))
    return { ...head, kind: 'gauge', points: points(raw.gauge, numberPoint) };
  if (isRecord(raw.sum)) {
    return {
      ...head,
      kind: 'sum',
      monotonic: raw.sum.isMonotonic === true,
      temporality: temporality(raw.sum),
      points: points(raw.sum, numberPoint),
    };
  }
  if (isRecord(raw.histogram)) {
    return {
      ...head,
      kind: 'histogram',
      temporality: temporality(raw.histogram),
      points: points(raw.histogram, histogramPoint),
    };
  }
  if (isRecord(raw.exponentialHistogram)) {
    return {
      ...head,
      kind: 'exponentialHistogram',
      temporality: temporality(raw.exponentialHistogram),
      points: points(raw.exponentialHistogram, exponentialPoint),
    };
  }
  if (isRecord(raw.summary)) {
    return { ...head, kind: 'summary', points: points(raw.summary, summaryPoint) };
  }
  return { ...head, kind: 'empty' };
}

function pointHead(raw: JsonRecord) {
  return {
    attributes: attributesOf(raw.attributes),
    timeUnixNano: nanos(raw.timeUnixNano),
    flags: typeof raw.flags === 'number' ? raw.flags : 0,
  };
}

function numberPoint(raw: JsonRecord): NumberPoint {
  const value = raw.asDouble === undefined ? raw.asInt : raw.asDouble;
  return { ...pointHead(raw), value: value === undefined ? 0 : number(value, 'value') };
}

function histogramPoint(raw: JsonRecord): HistogramPoint {
  return {
    ...pointHead(raw),
    count: number(raw.count ?? 0, 'count'),
    sum: raw.sum === undefined ? undefined : number(raw.sum, 'sum'),
    bucketCounts: listOf(raw.bucketCounts).map((count) => number(count, 'bucketCounts')),
    bounds: listOf(raw.explicitBounds).map((bound) => number(bound, 'explicitBounds')),
  };
}

function exponentialPoint(raw: JsonRecord): ExponentialPoint {
  return {
    ...pointHead(raw),
    count: number(raw.count ?? 0, 'count'),
    sum: raw.sum === undefined ? undefined : number(raw.sum, 'sum'),
    scale: number(raw.scale ?? 0, 'scale'),
    zeroCount: number(raw.zeroCount ?? 0, 'zeroCount'),
    zeroThreshold: number(raw.zeroThreshold ?? 0, 'zeroThreshold'),
    positive: buckets(raw.positive),
    negative: buckets(raw.negative),
  };
}

function buckets(raw: unknown): ExponentialBuckets {
  if (!isRecord(raw)) return { offset: 0, counts: [] };
  return {
    offset: number(raw.offset ?? 0, 'offset'),
    counts: listOf(raw.bucketCounts).map((count) => number(count, 'bucketCounts')),
  };
}

function summaryPoint(raw: JsonRecord): SummaryPoint {
  return {
    ...pointHead(raw),
    count: number(raw.count ?? 0, 'count'),
    sum: number(raw.sum ?? 0, 'sum'),
    quantiles: records(raw.quantileValues, 'quantileValues').map((entry) => ({
      quantile: number(entry.quantile ?? 0, 'quantile'),
      value: number(entry.value ?? 0, 'value'),
    })),
  };
}

function temporality(raw: JsonRecord): number {
  if (raw.aggregationTemporality === 'AGGREGATION_TEMPORALITY_DELTA') return 1;
  if (raw.aggregationTemporality === 'AGGREGATION_TEMPORALITY_CUMULATIVE') return 2;
  return typeof raw.aggregationTemporality === 'number' ? raw.aggregationTemporality : 0;
}

function nanos(value: unknown): bigint {
  if (value === undefined) return 0n;
  const parsed = unsigned(value);
  if (parsed === undefined) throw new MalformedError('not nanoseconds').within('timeUnixNano');
  return parsed;
}

function number(value: unknown, field: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(parsed)) throw new MalformedError('not a number').within(field);
  return parsed;
}

function records(value: unknown, field: string): JsonRecord[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedError('not an array').within(field);
  return value.map((item: unknown, i) => {
    if (!isRecord(item)) throw new MalformedError('not an object').within(`${field}[${i}]`);
    return item;
  });
}

function at<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedError ? error.within(field) : error;
  }
}

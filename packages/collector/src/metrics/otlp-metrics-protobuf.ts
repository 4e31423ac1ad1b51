// ExportMetricsServiceRequest in protobuf.

import type { Attributes, AttributeValue } from '@clover/model';
import type {
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpMetric,
  OtlpResourceMetrics,
  SummaryPoint,
} from './otlp-metric-model.ts';
import { embedded, readKeyValue, text } from './otlp-values-protobuf.ts';
import { ProtoReader } from './proto-reader.ts';

/** The request's metrics. Throws MalformedError with the place of what is not protobuf of this form. */
export function readOtlpMetricsProtobuf(bytes: Uint8Array): OtlpResourceMetrics[] {
  const groups: OtlpResourceMetrics[] = [];
  const request = new ProtoReader(bytes);
  while (request.next()) {
    if (request.field === 1)
      groups.push(embedded(request, 'resource_metrics', groups, readResource));
    else request.skip();
  }
  return groups;
}

function readResource(reader: ProtoReader): OtlpResourceMetrics {
  let resource: Attributes = {};
  const metrics: OtlpMetric[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      resource = embedded(reader, 'resource', undefined, readResourceAttributes);
    } else if (reader.field === 2) {
      embedded(reader, 'scope_metrics', undefined, (scope) => {
        while (scope.next()) {
          if (scope.field === 2) metrics.push(embedded(scope, 'metrics', metrics, readMetric));
          else scope.skip();
        }
      });
    } else reader.skip();
  }
  return { resource, metrics };
}

function readResourceAttributes(reader: ProtoReader): Attributes {
  const entries: [string, AttributeValue][] = [];
  while (reader.next()) {
    if (reader.field === 1) entries.push(embedded(reader, 'attributes', entries, readKeyValue));
    else reader.skip();
  }
  return Object.fromEntries(entries);
}

function readMetric(reader: ProtoReader): OtlpMetric {
  let name = '';
  let description = '';
  let unit = '';
  let body: Omit<OtlpMetric, 'name' | 'description' | 'unit'> = { kind: 'empty' };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        name = text(reader);
        break;
      case 2:
        description = text(reader);
        break;
      case 3:
        unit = text(reader);
        break;
      case 5:
        body = { kind: 'gauge', ...embedded(reader, 'gauge', undefined, points(readNumber)) };
        break;
      case 7:
        body = { kind: 'sum', ...embedded(reader, 'sum', undefined, points(readNumber)) };
        break;
      case 9:
        body = {
          kind: 'histogram',
          ...embedded(reader, 'histogram', undefined, points(readHistogram)),
        };
        break;
      case 10:
        body = {
          kind: 'exponentialHistogram',
          ...embedded(reader, 'exponential_histogram', undefined, points(readExponential)),
        };
        break;
      case 11:
        body = { kind: 'summary', ...embedded(reader, 'summary', undefined, points(readSummary)) };
        break;
      default:
        reader.skip();
    }
  }
  // The kind says which of the fields `points` has read belong to it.
  return { name, description, unit, ...body } as OtlpMetric;
}

// Gauge, Sum, Histogram, ExponentialHistogram and Summary share field numbers: 1 points, 2
// temporality, 3 monotonic.
function points<T>(read: (reader: ProtoReader) => T) {
  return (reader: ProtoReader) => {
    const list: T[] = [];
    let temporality = 0;
    let monotonic = false;
    while (reader.next()) {
      if (reader.field === 1) list.push(embedded(reader, 'data_points', list, read));
      else if (reader.field === 2 && reader.wireType === 0) temporality = reader.uint32();
      else if (reader.field === 3 && reader.wireType === 0) monotonic = reader.uint32() !== 0;
      else reader.skip();
    }
    return { points: list, temporality, monotonic };
  };
}

function readNumber(reader: ProtoReader): NumberPoint {
  const attributes: [string, AttributeValue][] = [];
  let timeUnixNano = 0n;
  let flags = 0;
  let value = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 3:
        timeUnixNano = time(reader);
        break;
      case 4:
        reader.expect(1);
        value = reader.double();
        break;
      case 6:
        reader.expect(1);
        value = Number(reader.sfixed64());
        break;
      case 7:
        attributes.push(embedded(reader, 'attributes', attributes, readKeyValue));
        break;
      case 8:
        reader.expect(0);
        flags = reader.uint32();
        break;
      default:
        reader.skip();
    }
  }
  return { attributes: Object.fromEntries(attributes), timeUnixNano, flags, value };
}

function readHistogram(reader: ProtoReader): HistogramPoint {
  const attributes: [string, AttributeValue][] = [];
  const bucketCounts: number[] = [];
  const bounds: number[] = [];
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum: number | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 3:
        timeUnixNano = time(reader);
        break;
      case 4:
        count = fixed(reader);
        break;
      case 5:
        reader.expect(1);
        sum = reader.double();
        break;
      case 6:
        reader.repeated(bucketCounts, 1, (from) => Number(from.fixed64()));
        break;
      case 7:
        reader.repeated(bounds, 1, (from) => from.double());
        break;
      case 9:
        attributes.push(embedded(reader, 'attributes', attributes, readKeyValue));
        break;
      case 10:
        reader.expect(0);
        flags = reader.uint32();
        break;
      default:
        reader.skip();
    }
  }
  const fields = { timeUnixNano, flags, count, sum, bucketCounts, bounds };
  return { attributes: Object.fromEntries(attributes), ...fields };
}

function readExponential(reader: ProtoReader): ExponentialPoint {
  const attributes: [string, AttributeValue][] = [];
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum: number | undefined;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  let positive: ExponentialBuckets = { offset: 0, counts: [] };
  let negative: ExponentialBuckets = { offset: 0, counts: [] };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        attributes.push(embedded(reader, 'attributes', attributes, readKeyValue));
        break;
      case 3:
        timeUnixNano = time(reader);
        break;
      case 4:
        count = fixed(reader);
        break;
      case 5:
        reader.expect(1);
        sum = reader.double();
        break;
      case 6:
        reader.expect(0);
        scale = reader.sint32();
        break;
      case 7:
        zeroCount = fixed(reader);
        break;
      case 8:
        positive = embedded(reader, 'positive', undefined, readBuckets);
        break;
      case 9:
        negative = embedded(reader, 'negative', undefined, readBuckets);
        break;
      case 10:
        reader.expect(0);
        flags = reader.uint32();
        break;
      case 14:
        reader.expect(1);
        zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  const head = { attributes: Object.fromEntries(attributes), timeUnixNano, flags };
  return { ...head, count, sum, scale, zeroCount, zeroThreshold, positive, negative };
}

function readBuckets(reader: ProtoReader): ExponentialBuckets {
  let offset = 0;
  const counts: number[] = [];
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === 0) offset = reader.sint32();
    else if (reader.field === 2) reader.repeated(counts, 0, (from) => Number(from.uint64()));
    else reader.skip();
  }
  return { offset, counts };
}

function readSummary(reader: ProtoReader): SummaryPoint {
  const attributes: [string, AttributeValue][] = [];
  const quantiles: { quantile: number; value: number }[] = [];
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 3:
        timeUnixNano = time(reader);
        break;
      case 4:
        count = fixed(reader);
        break;
      case 5:
        reader.expect(1);
        sum = reader.double();
        break;
      case 6:
        quantiles.push(embedded(reader, 'quantile_values', quantiles, readQuantile));
        break;
      case 7:
        attributes.push(embedded(reader, 'attributes', attributes, readKeyValue));
        break;
      case 8:
        reader.expect(0);
        flags = reader.uint32();
        break;
      default:
        reader.skip();
    }
  }
  return { attributes: Object.fromEntries(attributes), timeUnixNano, flags, count, sum, quantiles };
}

function readQuantile(reader: ProtoReader) {
  let quantile = 0;
  let value = 0;
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === 1) quantile = reader.double();
    else if (reader.field === 2 && reader.wireType === 1) value = reader.double();
    else reader.skip();
  }
  return { quantile, value };
}

function time(reader: ProtoReader): bigint {
  reader.expect(1);
  return reader.fixed64();
}

function fixed(reader: ProtoReader): number {
  reader.expect(1);
  return Number(reader.fixed64());
}

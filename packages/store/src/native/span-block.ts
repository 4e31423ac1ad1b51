// A SpanBatch as a block of the table `spans`.

import type { SpanBatch, StringColumnName } from '@clover/model';
import type { NativeBlock } from '../engine/engine.ts';
import { NativeWriter, utf8Of, type Utf8Strings } from './native-writer.ts';
import { PROTOCOLS, protocolsOf } from './protocols.ts';

const BUCKET_SECONDS = 300n;
const LC = 'LowCardinality(String)';
const MAP = `Map(${LC}, ${LC})`;

/** Columns of the table that come straight from the batch's strings, and how. */
const LOW_CARDINALITY: readonly (readonly [string, StringColumnName])[] = [
  ['service', 'service'],
  ['version', 'version'],
  ['namespace', 'namespace'],
  ['node', 'node'],
  ['name', 'name'],
  ['http_method', 'httpMethod'],
  ['http_route', 'httpRoute'],
  ['url_host', 'urlHost'],
  ['url_template', 'urlTemplate'],
  ['user_agent', 'userAgent'],
  ['user_agent_family', 'userAgentFamily'],
  ['peer', 'peer'],
  ['response_flags', 'responseFlags'],
  ['upstream_cluster', 'upstreamCluster'],
  ['subset', 'subset'],
  ['scope_name', 'scopeName'],
  ['source', 'source'],
  ['exception_type', 'exceptionType'],
];
const STRINGS: readonly (readonly [string, StringColumnName])[] = [
  ['status_message', 'statusMessage'],
  ['trace_state', 'traceState'],
  ['exception_message', 'exceptionMessage'],
  ['events', 'events'],
  ['links', 'links'],
];

const COLUMNS: NativeBlock['columns'] = [
  { name: 'bucket', type: "DateTime('UTC')" },
  { name: 'trace_id', type: 'FixedString(16)' },
  { name: 'span_id', type: 'FixedString(8)' },
  { name: 'parent_id', type: 'FixedString(8)' },
  { name: 'start', type: "DateTime64(9, 'UTC')" },
  { name: 'duration_ns', type: 'UInt64' },
  { name: 'kind', type: 'UInt8' },
  { name: 'status', type: 'UInt8' },
  { name: 'direction', type: 'UInt8' },
  { name: 'http_status', type: 'UInt16' },
  { name: 'weight', type: 'Float64' },
  { name: 'protocol', type: LC },
  ...LOW_CARDINALITY.map(([name]) => ({ name, type: LC })),
  ...STRINGS.map(([name]) => ({ name, type: 'String' })),
  { name: 'attributes', type: MAP },
  { name: 'resource_id', type: 'UInt64' },
];

/** @param resourceIds the id of each of the batch's resources */
export function spanBlock(batch: SpanBatch, resourceIds: BigUint64Array): NativeBlock {
  const strings = utf8Of(batch);
  const scratch = new Uint32Array(strings.ends.length);
  const writer = new NativeWriter(batch.count * 160 + strings.bytes.length);
  writer.blockHeader(COLUMNS.length, batch.count);
  const numbers = [
    buckets(batch.startTimesUnixNano.subarray(0, batch.count)),
    batch.traceIds.subarray(0, batch.count * 16),
    batch.spanIds.subarray(0, batch.count * 8),
    batch.parentSpanIds.subarray(0, batch.count * 8),
    batch.startTimesUnixNano.subarray(0, batch.count),
    batch.durationsNs.subarray(0, batch.count),
    batch.kinds.subarray(0, batch.count),
    batch.statusCodes.subarray(0, batch.count),
    batch.directions.subarray(0, batch.count),
    batch.httpStatusCodes.subarray(0, batch.count),
    batch.sampleWeights.subarray(0, batch.count),
  ];
  let column = 0;
  for (const values of numbers) {
    header(writer, column++);
    writer.numbers(values);
  }
  header(writer, column++);
  writeProtocols(writer, batch);
  for (const [, source] of LOW_CARDINALITY) {
    header(writer, column++);
    writer.lowCardinalityPrefix();
    writer.lowCardinality(strings, batch.columns[source].subarray(0, batch.count), scratch);
  }
  for (const [, source] of STRINGS) {
    header(writer, column++);
    writer.strings(strings, batch.columns[source].subarray(0, batch.count));
  }
  header(writer, column++);
  writeAttributes(writer, batch, strings, scratch);
  header(writer, column);
  const resourceColumn = new BigUint64Array(batch.count);
  for (let row = 0; row < batch.count; row++)
    resourceColumn[row] = resourceIds[batch.resourceIndexes[row]!]!;
  writer.numbers(resourceColumn);
  return { bytes: writer.finish(), columns: COLUMNS, rows: batch.count };
}

function header(writer: NativeWriter, column: number): void {
  const { name, type } = COLUMNS[column]!;
  writer.columnHeader(name, type);
}

const PROTOCOL_STRINGS = utf8Of({ strings: PROTOCOLS });

function writeProtocols(writer: NativeWriter, batch: SpanBatch): void {
  writer.lowCardinalityPrefix();
  writer.lowCardinality(
    PROTOCOL_STRINGS,
    Uint32Array.from(protocolsOf(batch)),
    new Uint32Array(PROTOCOLS.length),
  );
}

/** A map is an array of pairs: the states of keys and values, the rows' ends, all keys, all values. */
function writeAttributes(
  writer: NativeWriter,
  { attributes, count }: SpanBatch,
  strings: Utf8Strings,
  scratch: Uint32Array,
): void {
  const total = count === 0 ? 0 : attributes.ends[count - 1]!;
  writer.lowCardinalityPrefix();
  writer.lowCardinalityPrefix();
  writer.offsets(attributes.ends.subarray(0, count));
  writer.lowCardinality(strings, attributes.keys.subarray(0, total), scratch);
  writer.lowCardinality(strings, attributes.values.subarray(0, total), scratch);
}

/** Start of the five minutes that each span starts in, in seconds. */
function buckets(starts: BigUint64Array): Uint32Array {
  const result = new Uint32Array(starts.length);
  let from = 0n;
  let to = 0n;
  let bucket = 0;
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row]!;
    if (start < from || start >= to) {
      const seconds = start / 1_000_000_000n;
      const begin = seconds - (seconds % BUCKET_SECONDS);
      bucket = Number(begin);
      from = begin * 1_000_000_000n;
      to = from + BUCKET_SECONDS * 1_000_000_000n;
    }
    result[row] = bucket;
  }
  return result;
}

// A batch as plain objects, for assertions.

import {
  ATTRIBUTE_TYPES,
  STRING_COLUMNS,
  type SpanBatch,
  type StringColumnName,
} from '@clover/model';

export type BatchRow = Record<StringColumnName, string> & {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startTimeUnixNano: bigint;
  durationNs: bigint;
  kind: number;
  statusCode: number;
  direction: number;
  httpStatusCode: number;
  sampleWeight: number;
  attributes: Record<string, string>;
  resource: Record<string, string>;
};

/** Copies everything out: the batch's arrays may be used again afterwards. */
export function readBatch(batch: SpanBatch): BatchRow[] {
  const { strings } = batch;
  const list = (of: SpanBatch['attributes'], item: number) => {
    const found: Record<string, string> = {};
    for (let i = item === 0 ? 0 : of.ends[item - 1]!; i < of.ends[item]!; i++)
      found[strings[of.keys[i]!]!] = strings[of.values[i]!]!;
    return found;
  };
  const hex = (bytes: Uint8Array, row: number, size: number) =>
    Buffer.from(bytes.subarray(row * size, row * size + size)).toString('hex');
  return Array.from({ length: batch.count }, (_, row) => {
    const texts = Object.fromEntries(
      STRING_COLUMNS.map((name) => [name, strings[batch.columns[name][row]!]!]),
    ) as Record<StringColumnName, string>; // one entry per name
    return {
      ...texts,
      traceId: hex(batch.traceIds, row, 16),
      spanId: hex(batch.spanIds, row, 8),
      parentSpanId: hex(batch.parentSpanIds, row, 8),
      startTimeUnixNano: batch.startTimesUnixNano[row]!,
      durationNs: batch.durationsNs[row]!,
      kind: batch.kinds[row]!,
      statusCode: batch.statusCodes[row]!,
      direction: batch.directions[row]!,
      httpStatusCode: batch.httpStatusCodes[row]!,
      sampleWeight: batch.sampleWeights[row]!,
      attributes: list(batch.attributes, row),
      resource: list(batch.resources, batch.resourceIndexes[row]!),
    };
  });
}

/** The type by name that the batch gives an attribute key. */
export function typeOfKey(batch: SpanBatch, key: string): string | undefined {
  return ATTRIBUTE_TYPES[batch.attributeTypes.get(batch.strings.indexOf(key)) ?? -1];
}

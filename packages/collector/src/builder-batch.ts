import type { SpanBatch } from '@clover/model';
import type { GrowingLists } from './builder-attributes.ts';
import type { SpanBatchBuilder } from './builder.ts';
import { perColumn } from './builder-columns.ts';

/** The builder's spans as the store wants them: views of the builder's own arrays, texts decoded on first use. */
export function batchOf(builder: SpanBatchBuilder): SpanBatch {
  const { columns, count, strings } = builder;
  let texts: readonly string[] | undefined;
  return {
    count,
    get strings() {
      return (texts ??= strings.allTexts());
    },
    utf8: {
      bytes: strings.arena.subarray(0, strings.byteLength),
      ends: strings.ends.subarray(0, strings.count),
    },
    traceIds: columns.traceIds.subarray(0, count * 16),
    spanIds: columns.spanIds.subarray(0, count * 8),
    parentSpanIds: columns.parentSpanIds.subarray(0, count * 8),
    startTimesUnixNano: new BigUint64Array(columns.startTimes.buffer, 0, count),
    durationsNs: new BigUint64Array(columns.durations.buffer, 0, count),
    kinds: columns.kinds.subarray(0, count),
    statusCodes: columns.statusCodes.subarray(0, count),
    directions: columns.directions.subarray(0, count),
    httpStatusCodes: columns.httpStatusCodes.subarray(0, count),
    sampleWeights: columns.sampleWeights.subarray(0, count),
    columns: perColumn((name) => columns.strings[name].subarray(0, count)),
    attributes: finished(builder.attributes),
    resources: finished(builder.resources.lists),
    resourceIndexes: columns.resourceIndexes.subarray(0, count),
    attributeTypes: builder.translator.typeMap(),
  };
}

function finished(lists: GrowingLists) {
  return {
    ends: lists.ends.subarray(0, lists.items),
    keys: lists.keys.subarray(0, lists.length),
    values: lists.values.subarray(0, lists.length),
  };
}

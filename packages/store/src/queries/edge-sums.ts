// The calls of some ranges summed from their spans. A join over all of them holds a kilobyte a span in memory,
// so many spans are read some traces at a time: a call lies within its trace. What is written while that goes
// on is in the later slices and not in the earlier ones.

import { storeErrors } from '../errors.ts';
import type { Queryable } from '../store.ts';
import { edgeSumsFromSpans, widened } from './calls.ts';
import { createEdgeSums, type EdgeRow, mergedRows } from './edge-rows.ts';
import { joinedRanges, minuteRange, type Range } from './ranges.ts';
import { sliceCondition, slicesOf, type Select, type TraceSlice } from './trace-slices.ts';
import { timesCondition } from './where.ts';
import { inline } from './query-params.ts';

export interface EdgeSumsOptions {
  /** Calls that have just ended are judged too: for figures that are kept. */
  readonly judgeAll?: boolean;
  /** Spans that are read at a time. */
  readonly spansAtOnce?: number;
  /** No statement begins later than this after the first; nor takes longer. 30 s when not given. */
  readonly timeoutMs?: number;
  /** Looked at before each slice. */
  readonly signal?: AbortSignal | undefined;
}

export const SPANS_AT_ONCE = 120_000;
const TIMEOUT_MS = 30_000;
/** More ranges than this cost more than the spans between them. */
const MAX_RANGES = 8;

/**
 * One row per group, ascending by its keys; ranges ascend and do not overlap. Throws as `store.select` does, and
 * the signal's reason.
 */
export async function edgeSumsOf(
  store: Queryable,
  ranges: readonly Range[],
  options: EdgeSumsOptions = {},
): Promise<EdgeRow[]> {
  const { judgeAll = false, spansAtOnce = SPANS_AT_ONCE, timeoutMs = TIMEOUT_MS } = options;
  const endsAt = performance.now() + timeoutMs;
  const select = <Row>(sql: string, heavy = true) => {
    options.signal?.throwIfAborted();
    if (performance.now() > endsAt) throw storeErrors.queryTimeout(timeoutMs);
    return store.select<Row>(sql, {}, { heavy, timeoutMs });
  };
  const slices = await slicesOf(select, ranges, spansAtOnce);
  const common = { from: 'spans FINAL', judgeAll };
  if (slices.length === 1)
    return mergedRows(await select<EdgeRow>(edgeSumsFromSpans(ranges, inline, common)));
  const sums = createEdgeSums();
  for (const traces of slices) {
    const known = { traces, ...(await contextOf(select, ranges, traces)) };
    sums.add(await select<EdgeRow>(edgeSumsFromSpans(ranges, inline, { ...common, ...known })));
  }
  return sums.rows();
}

/** Where the spans of some traces lie, and how they have to be read there. */
async function contextOf(select: Select, ranges: readonly Range[], traces: TraceSlice) {
  const slice = sliceCondition(traces);
  const own = `SELECT trace_id FROM spans WHERE ${timesCondition(ranges, inline)} AND ${slice}`;
  const [found] = await select<Found>(
    `SELECT groupUniqArray(toUnixTimestamp(toStartOfMinute(start))) AS minutes, countIf(client_side = 1) AS clients,
       count() AS spans, uniqExact(trace_id, span_id, kind) AS once
     FROM spans WHERE ${timesCondition(widened(ranges), inline)} AND ${slice} AND trace_id IN (${own})`,
  );
  const { minutes, clients, spans, once } = found!;
  return {
    context: fewRanges([...ranges, ...minutes.map((minute) => minuteRange(minute * 1000))]),
    from: spans === once ? 'spans' : 'spans FINAL',
    hasClients: clients > 0,
  };
}

interface Found {
  /** Unix seconds. */
  readonly minutes: readonly number[];
  readonly clients: number;
  readonly spans: number;
  readonly once: number;
}

/** The same times, and where they are too scattered the times between them too. */
function fewRanges(ranges: readonly Range[]): Range[] {
  const joined = joinedRanges(ranges);
  return joined.length <= MAX_RANGES
    ? joined
    : [{ startMs: joined[0]!.startMs, endMs: joined.at(-1)!.endMs }];
}

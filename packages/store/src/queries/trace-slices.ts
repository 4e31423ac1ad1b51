// Many spans are read some traces at a time where a statement over all of them would not fit into memory.

import type { Range } from './ranges.ts';
import { timesCondition } from './where.ts';
import { inline } from './query-params.ts';

/** Trace ids that are looked at to cut them into slices of like size. */
const SAMPLED_IDS = 4096;
const MAX_SLICES = 1024;

/** Traces whose ids (32 hex digits) lie in a half-open range; without bounds all. */
export interface TraceSlice {
  readonly from?: string;
  readonly to?: string;
}

/** Condition on `spans`; they are sorted by trace within their bucket, so a slice reads little else. */
export function sliceCondition({ from, to }: TraceSlice = {}): string {
  const id = (hex: string) => `toFixedString(unhex('${hex}'), 16)`;
  return [
    ...(from === undefined ? [] : [`trace_id >= ${id(from)}`]),
    ...(to === undefined ? [] : [`trace_id < ${id(to)}`]),
  ].join(' AND ');
}

export type Select = <Row>(sql: string, heavy?: boolean) => Promise<Row[]>;

/**
 * Slices of traces that have spans in the ranges, with about so many spans each; one without bounds when there are
 * not more.
 */
export async function slicesOf(
  select: Select,
  ranges: readonly Range[],
  spansAtOnce: number,
): Promise<TraceSlice[]> {
  const where = timesCondition(ranges, inline);
  const [counted] = await select<{ spans: number }>(
    `SELECT count() AS spans FROM spans WHERE ${where}`,
    false,
  );
  const wanted = Math.min(MAX_SLICES, Math.ceil((counted?.spans ?? 0) / spansAtOnce));
  if (wanted <= 1) return [{}];
  const [sampled] = await select<{ ids: string[] }>(
    `SELECT arraySort(arrayMap(id -> lower(hex(id)), groupArraySample(${SAMPLED_IDS}, 1)(trace_id))) AS ids FROM spans WHERE ${where}`,
  );
  const ids = sampled!.ids;
  const bounds = new Set<string>();
  for (let slice = 1; slice < wanted; slice++)
    bounds.add(ids[Math.floor((ids.length * slice) / wanted)]!);
  const cuts = [...bounds];
  return [undefined, ...cuts].map((from, at) => ({
    ...(from !== undefined && { from }),
    ...(at < cuts.length && { to: cuts[at]! }),
  }));
}

// Rows of calls summed per caller, callee and outcome, as edgeSumsFromSpans gives them, and sums of them. Pure.

import { mergeSketches, type Sketch } from './sketch.ts';

export interface EdgeRow {
  from_service: string;
  to_service: string;
  to_version: string;
  peer: string;
  protocol: string;
  subset: string;
  response_flags: string;
  requests: number;
  errors: number;
  duration_sum: number;
  duration_min: number;
  duration_max: number;
  latency: [number[], number[]];
  sent: number;
  received: number;
  by_proxy: number;
  unanswered: number;
  unmatched: number;
  client_errors: number;
  client_duration_sum: number;
  client_duration_min: number;
  client_duration_max: number;
  client_latency: [number[], number[]];
}

/** One row per group, ascending by its keys. */
export function mergedRows(rows: readonly EdgeRow[]): EdgeRow[] {
  const groups = new Map<string, EdgeRow>();
  for (const row of rows) {
    const key = JSON.stringify(EDGE_KEYS.map((name) => row[name]));
    const known = groups.get(key);
    groups.set(key, known ? addedRows(known, row) : row);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function addedRows(a: EdgeRow, b: EdgeRow): EdgeRow {
  const sum = { ...a };
  for (const name of SUMS) sum[name] += b[name];
  for (const [latency, min, max] of SPREADS) {
    const [{ buckets, weights }, none] = [
      mergeSketches([sketchOf(a[latency]), sketchOf(b[latency])]),
      a[latency][0].length === 0,
    ];
    sum[latency] = [[...buckets], [...weights]];
    if (b[latency][0].length > 0) sum[min] = none ? b[min] : Math.min(a[min], b[min]);
    sum[max] = Math.max(a[max], b[max]);
  }
  return sum;
}

export const EDGE_KEYS = [
  'from_service',
  'to_service',
  'to_version',
  'peer',
  'protocol',
  'subset',
  'response_flags',
] as const;
const SUMS = [
  'requests',
  'errors',
  'duration_sum',
  'sent',
  'received',
  'by_proxy',
  'unanswered',
  'unmatched',
  'client_errors',
  'client_duration_sum',
] as const;
const SPREADS = [
  ['latency', 'duration_min', 'duration_max'],
  ['client_latency', 'client_duration_min', 'client_duration_max'],
] as const;

const sketchOf = ([buckets, weights]: EdgeRow['latency']): Sketch => ({ buckets, weights });

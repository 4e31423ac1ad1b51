// Rows of calls summed per caller, callee and outcome, as edgeSumsFromSpans gives them, and sums of them. Pure.

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

export interface EdgeSums {
  add(rows: readonly EdgeRow[]): void;
  /** One row per group, ascending by its keys. */
  rows(): EdgeRow[];
}

export function createEdgeSums(): EdgeSums {
  const groups = new Map<string, EdgeRow>();
  return {
    add(rows) {
      for (const row of rows) {
        const key = JSON.stringify(EDGE_KEYS.map((name) => row[name])); // names may hold anything
        const known = groups.get(key);
        groups.set(key, known ? addedRows(known, row) : row);
      }
    },
    rows: () => [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
  };
}

/** Rows of several answers as one. */
export function mergedRows(...answers: readonly (readonly EdgeRow[])[]): EdgeRow[] {
  const sums = createEdgeSums();
  for (const rows of answers) sums.add(rows);
  return sums.rows();
}

function addedRows(a: EdgeRow, b: EdgeRow): EdgeRow {
  const sum = { ...a };
  for (const name of SUMS) sum[name] += b[name];
  for (const [latency, min, max] of SPREADS) {
    if (b[latency][0].length === 0) continue;
    const none = a[latency][0].length === 0;
    sum[latency] = none ? b[latency] : addedSketches(a[latency], b[latency]);
    sum[min] = none ? b[min] : Math.min(a[min], b[min]);
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

/** Buckets of both ascend, and so do those of the sum. */
function addedSketches(a: EdgeRow['latency'], b: EdgeRow['latency']): EdgeRow['latency'] {
  const buckets: number[] = [];
  const weights: number[] = [];
  for (let i = 0, j = 0; i < a[0].length || j < b[0].length;) {
    const bucket = Math.min(a[0][i] ?? Infinity, b[0][j] ?? Infinity);
    buckets.push(bucket);
    weights.push((a[0][i] === bucket ? a[1][i++]! : 0) + (b[0][j] === bucket ? b[1][j++]! : 0));
  }
  return [buckets, weights];
}

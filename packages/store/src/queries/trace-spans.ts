// The spans of a trace as they are worked on in memory: one object per span, ids as text.
import type { Queryable } from '../store.ts';

export interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly service: string;
  /** The machine whose clock it has, as its resource names it; empty when nobody knows. */
  readonly host: string;
  readonly name: string;
  readonly kind: number;
  readonly direction: number;
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly durationNs: number;
  readonly failed: boolean;
  readonly httpStatus: number;
  readonly weight: number;
}

export interface RawSpanRow {
  trace_hex: string;
  span_hex: string;
  parent_hex: string;
  service: string;
  name: string;
  kind: number;
  direction: number;
  start_ns: string;
  duration: number;
  failed: number;
  http_status: number;
  weight: number;
  resource: string;
}

/** SELECT list that gives RawSpanRow. */
export const RAW_SPAN_COLUMNS = `lower(hex(trace_id)) AS trace_hex, lower(hex(span_id)) AS span_hex,
  if(empty(parent_id), '', lower(hex(parent_id))) AS parent_hex, toString(service) AS service, toString(name) AS name,
  kind, direction, toString(toUnixTimestamp64Nano(start)) AS start_ns, toFloat64(duration_ns) AS duration,
  is_failed AS failed, http_status, weight, toString(resource_id) AS resource`;

/** A row of RAW_SPAN_COLUMNS as an object; `hosts` by resource. */
export function rawSpan(row: RawSpanRow, hosts: ReadonlyMap<string, string>): RawSpan {
  return {
    traceId: row.trace_hex,
    spanId: row.span_hex,
    parentSpanId: row.parent_hex,
    service: row.service,
    host: hosts.get(row.resource) ?? '',
    name: row.name,
    kind: row.kind,
    direction: row.direction,
    start: BigInt(row.start_ns),
    durationNs: row.duration,
    failed: row.failed === 1,
    httpStatus: row.http_status,
    weight: row.weight,
  };
}

/** What names a machine, the surest first: a pod has a host name of its own, but its node's clock. */
const HOST_KEYS = ['k8s.node.name', 'host.id', 'host.name', 'hostname', 'ip'];

/** The machine that a resource names; empty for none. */
function hostOf(resource: Readonly<Record<string, string>>): string {
  const key = HOST_KEYS.find((one) => (resource[one] ?? '') !== '');
  return key === undefined ? '' : `${key} ${resource[key]}`;
}

/** Attributes of resources by their id as text. */
export async function resourcesOf(
  store: Queryable,
  rows: readonly RawSpanRow[],
): Promise<Map<string, Record<string, string>>> {
  const ids = [...new Set(rows.map((row) => row.resource))];
  const found = await store.select<{ id: string; attribute_map: Record<string, string> }>(
    `SELECT toString(resource_id) AS id, CAST(any(attributes), 'Map(String, String)') AS attribute_map
     FROM resources WHERE resource_id IN (SELECT toUInt64(arrayJoin({ids:Array(String)}))) GROUP BY resource_id`,
    { ids },
  );
  return new Map(found.map((row) => [row.id, row.attribute_map]));
}

/** The machines of those resources. */
export function hostsOf(
  resources: ReadonlyMap<string, Record<string, string>>,
): Map<string, string> {
  return new Map([...resources].map(([id, attributes]) => [id, hostOf(attributes)]));
}

import { DIRECTIONS, SPAN_KINDS, STATUS_CODES } from '@clover/model';
import type { AttributeValue, Attributes, Span, SpanEvent, SpanLink } from '@clover/model';
import type { Queryable } from '../store.ts';
import { queryParams } from './query-params.ts';
import { tracesCondition } from './trace-lookup.ts';

/** A span with what Clover made out of it, for those who want to say that too. */
export interface StoredSpan extends Span {
  readonly service: string;
  readonly direction: (typeof DIRECTIONS)[number];
}

interface Row {
  trace_hex: string;
  span_hex: string;
  parent_hex: string;
  trace_state: string;
  name: string;
  service: string;
  kind: number;
  direction: number;
  start_ns: string;
  duration: string;
  status: number;
  status_message: string;
  scope_name: string;
  attribute_map: Record<string, string>;
  resource: string;
  events: string;
  links: string;
}

type Types = ReadonlyMap<string, ReadonlySet<string>>;

const SCOPE_VERSION = 'otel.scope.version';

/**
 * All spans of these traces as they were received, each once, by trace and start; at most `limit`
 * (default 100,000), and `cut` tells when there were more. Attributes carry OpenTelemetry's stable
 * names and the type that the key is known by. Unknown traces give nothing.
 */
export async function spansOfTraces(
  store: Queryable,
  traceIds: readonly string[],
  limit = 100_000,
): Promise<{ spans: StoredSpan[]; cut: boolean }> {
  if (traceIds.length === 0) return { spans: [], cut: false };
  const params = queryParams();
  const rows = await store.select<Row>(
    `SELECT lower(hex(trace_id)) AS trace_hex, lower(hex(span_id)) AS span_hex,
       if(empty(parent_id), '', lower(hex(parent_id))) AS parent_hex, trace_state, toString(name) AS name,
       toString(service) AS service, kind, direction, toString(toUnixTimestamp64Nano(start)) AS start_ns,
       toString(duration_ns) AS duration, status, status_message, toString(scope_name) AS scope_name,
       CAST(attributes, 'Map(String, String)') AS attribute_map, toString(resource_id) AS resource, events, links
     FROM spans WHERE ${tracesCondition(traceIds, params)}
     ORDER BY trace_id, start, span_id, kind LIMIT 1 BY trace_id, span_id, kind LIMIT ${limit + 1}`,
    params.values,
  );
  const cut = rows.length > limit;
  const [resources, types] = await Promise.all([resourcesOf(store, rows), typesOf(store)]);
  const typed = new Map(
    [...resources].map(([id, attributes]) => [id, typedAttributes(attributes, types.resource)]),
  );
  return { spans: rows.slice(0, limit).map((row) => spanOf(row, typed, types.span)), cut };
}

function spanOf(row: Row, resources: ReadonlyMap<string, Attributes>, types: Types): StoredSpan {
  const { [SCOPE_VERSION]: version = '', ...attributes } = row.attribute_map;
  return {
    traceId: row.trace_hex,
    spanId: row.span_hex,
    parentSpanId: row.parent_hex,
    traceState: row.trace_state,
    name: row.name,
    kind: SPAN_KINDS[row.kind] ?? 'unspecified',
    startTimeUnixNano: BigInt(row.start_ns),
    durationNs: BigInt(row.duration),
    status: { code: STATUS_CODES[row.status] ?? 'unset', message: row.status_message },
    attributes: typedAttributes(attributes, types),
    events: list(row.events).map(eventOf),
    links: list(row.links).map(linkOf),
    resource: { attributes: resources.get(row.resource) ?? {} },
    scope: { name: row.scope_name, version },
    service: row.service,
    direction: DIRECTIONS[row.direction] ?? 'none',
  };
}

async function resourcesOf(
  store: Queryable,
  rows: readonly Row[],
): Promise<Map<string, Record<string, string>>> {
  const ids = [...new Set(rows.map((row) => row.resource))];
  if (ids.length === 0) return new Map();
  const found = await store.select<{ id: string; attribute_map: Record<string, string> }>(
    `SELECT toString(resource_id) AS id, CAST(any(attributes), 'Map(String, String)') AS attribute_map
     FROM resources WHERE resource_id IN (SELECT toUInt64(arrayJoin({ids:Array(String)}))) GROUP BY resource_id`,
    { ids },
  );
  return new Map(found.map((row) => [row.id, row.attribute_map]));
}

async function typesOf(store: Queryable): Promise<{ span: Types; resource: Types }> {
  const rows = await store.select<{ key: string; scope: string; types: string[] }>(
    `SELECT key, toString(scope) AS scope, groupUniqArray(toString(type)) AS types
     FROM attribute_keys WHERE type != 'string' OR key IN (
       SELECT key FROM attribute_keys WHERE type != 'string') GROUP BY key, scope`,
  );
  const of = (scope: string): Types =>
    new Map(rows.filter((row) => row.scope === scope).map((row) => [row.key, new Set(row.types)]));
  return { span: of('span'), resource: of('resource') };
}

function typedAttributes(attributes: Readonly<Record<string, string>>, types: Types): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, text]) => [key, typedValue(text, types.get(key))]),
  );
}

/** Text where a key has been text as well: nobody can tell then which of them this was. */
function typedValue(text: string, types: ReadonlySet<string> | undefined): AttributeValue {
  if (!types || types.has('string')) return text;
  if (types.has('bool') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.has('double') && text !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (types.has('double') && /^(NaN|-?Infinity)$/.test(text)) return Number(text);
  if (types.has('int') && /^-?\d{1,20}$/.test(text)) return BigInt(text);
  if (types.has('json')) return jsonValue(text) ?? text;
  if (types.has('bytes')) return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
}

function eventOf(event: Record<string, unknown>): SpanEvent {
  return {
    timeUnixNano: BigInt(
      /^\d+$/.test(String(event['timeUnixNano'])) ? String(event['timeUnixNano']) : 0,
    ),
    name: String(event['name'] ?? ''),
    attributes: attributesOf(event['attributes']),
  };
}

function linkOf(link: Record<string, unknown>): SpanLink {
  const traceState = link['traceState'];
  return {
    traceId: String(link['traceId'] ?? ''),
    spanId: String(link['spanId'] ?? ''),
    ...(typeof traceState === 'string' && traceState !== '' && { traceState }),
    attributes: attributesOf(link['attributes']),
  };
}

const attributesOf = (value: unknown): Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Attributes) : {};

function list(text: string): Record<string, unknown>[] {
  const value = text === '' ? undefined : jsonValue(text);
  return Array.isArray(value) ? (value as unknown as Record<string, unknown>[]) : [];
}

const WHOLE = /^\ue000int:(-?\d+)$/;

/** JSON whose whole numbers are bigints, as the long ones would be rounded; fractions are numbers. */
function jsonValue(text: string): AttributeValue | undefined {
  const kept = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (part) =>
    /^-?\d+$/.test(part) ? `"\\ue000int:${part}"` : part,
  );
  try {
    return JSON.parse(kept, (_, value: unknown) => {
      const whole = typeof value === 'string' ? WHOLE.exec(value)?.[1] : undefined;
      return whole === undefined ? value : BigInt(whole);
    }) as AttributeValue;
  } catch {
    return undefined;
  }
}

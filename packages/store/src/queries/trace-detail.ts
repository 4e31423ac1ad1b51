import { CloverError, type TraceDetail } from '@clover/model';
import type { Queryable } from '../store.ts';
import { queryParams } from './query-params.ts';
import { normalTraceId, tracesCondition } from './trace-lookup.ts';
import {
  hostsOf,
  RAW_SPAN_COLUMNS,
  rawSpan,
  resourcesOf,
  type RawSpan,
  type RawSpanRow,
} from './trace-spans.ts';
import { criticalParts, traceTree, type TraceTree } from './trace-tree.ts';
import { typedAttributes, type AttributeTypes } from './typed-attributes.ts';

type TraceSpan = TraceDetail['spans'][number];

interface DetailRow extends RawSpanRow {
  version: string;
  node: string;
  status: number;
  status_message: string;
  response_flags: string;
  scope_name: string;
  attribute_map: Record<string, string>;
  events: string;
  links: string;
}

interface DetailSpan extends RawSpan {
  readonly row: DetailRow;
  readonly copies: number;
}

const MAX_SPANS = 50_000;
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];
const DIRECTIONS = ['none', 'inbound', 'outbound'];

/**
 * One trace: its spans in waterfall order with clocks adjusted, self times, and the critical path of its
 * longest root. Throws CloverError `trace.bad_id`, `trace.not_found`.
 */
export async function traceDetail(store: Queryable, traceId: string): Promise<TraceDetail> {
  const id = normalTraceId(traceId);
  const params = queryParams();
  const rows = await store.select<DetailRow>(
    `SELECT ${RAW_SPAN_COLUMNS}, toString(version) AS version, toString(node) AS node, status, status_message,
       toString(response_flags) AS response_flags, toString(scope_name) AS scope_name,
       CAST(attributes, 'Map(String, String)') AS attribute_map, events, links
     FROM spans WHERE ${tracesCondition([id], params)}
     ORDER BY span_id, kind LIMIT ${MAX_SPANS}`,
    params.values,
  );
  if (rows.length === 0) {
    throw new CloverError('trace.not_found', `no span of trace ${id} is in the store`, {
      hint: 'it may not have arrived yet, or be past its retention',
      status: 404,
    });
  }
  const [resources, types] = await Promise.all([
    resourcesOf(store, rows),
    attributeTypes(store, rows),
  ]);
  const tree = traceTree(distinctSpans(rows, hostsOf(resources)));
  const root = tree.roots.reduce((a, b) => (b.span.durationNs > a.span.durationNs ? b : a));
  const path = criticalParts(root);
  return {
    traceId: id,
    startTimeUnixNano: tree.start.toString(),
    durationNs: tree.durationNs,
    spans: tree.ordered.map((node) => spanJson(node, resources, types)),
    services: serviceTimes(tree, path),
    criticalPath: path.map((part) => ({
      spanId: part.node.span.spanId,
      fromNs: part.fromNs,
      toNs: part.toNs,
    })),
    notes: notesOf(tree, rows.length),
  };
}

function distinctSpans(
  rows: readonly DetailRow[],
  hosts: ReadonlyMap<string, string>,
): DetailSpan[] {
  const byKey = new Map<string, { row: DetailRow; copies: number }>();
  for (const row of rows) {
    const key = `${row.span_hex}/${row.kind}`;
    const known = byKey.get(key);
    if (known) known.copies++;
    else byKey.set(key, { row, copies: 0 });
  }
  return [...byKey.values()].map(({ row, copies }) => ({ ...rawSpan(row, hosts), row, copies }));
}

function spanJson(
  node: TraceTree<DetailSpan>['ordered'][number],
  resources: ReadonlyMap<string, Record<string, string>>,
  types: AttributeTypes,
): TraceSpan {
  const { span } = node;
  const { row } = span;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: span.service,
    version: row.version,
    node: row.node,
    name: span.name,
    kind: KINDS[span.kind] ?? 'unspecified',
    direction: DIRECTIONS[span.direction] ?? 'none',
    startTimeUnixNano: span.start.toString(),
    offsetNs: node.startNs,
    durationNs: span.durationNs,
    selfTimeNs: node.selfNs,
    skewNs: node.skewNs,
    status: STATUSES[row.status] ?? 'unset',
    statusMessage: row.status_message,
    httpStatusCode: span.httpStatus,
    failed: span.failed,
    responseFlags: row.response_flags,
    sampleWeight: span.weight,
    depth: node.depth,
    orphan: node.orphan,
    attributes: typedAttributes(row.attribute_map, types.span),
    resource: typedAttributes(resources.get(row.resource) ?? {}, types.resource),
    scope: row.scope_name,
    events: jsonList(row.events).map((event) => ({
      timeUnixNano: String(event['timeUnixNano'] ?? '0'),
      name: String(event['name'] ?? ''),
      attributes: objectOf(event['attributes']),
    })),
    links: jsonList(row.links).map((link) => ({
      traceId: String(link['traceId'] ?? ''),
      spanId: String(link['spanId'] ?? ''),
      attributes: objectOf(link['attributes']),
    })),
    duplicates: span.copies,
  };
}

function serviceTimes(
  tree: TraceTree,
  path: ReturnType<typeof criticalParts>,
): TraceDetail['services'] {
  const sums = new Map<
    string,
    { service: string; spans: number; selfTimeNs: number; criticalNs: number }
  >();
  const of = (service: string) => {
    const known = sums.get(service) ?? { service, spans: 0, selfTimeNs: 0, criticalNs: 0 };
    sums.set(service, known);
    return known;
  };
  for (const node of tree.ordered) {
    const sum = of(node.span.service);
    sum.spans++;
    sum.selfTimeNs += node.selfNs;
  }
  for (const part of path) of(part.node.span.service).criticalNs += part.toNs - part.fromNs;
  return [...sums.values()].toSorted(
    (a, b) => b.criticalNs - a.criticalNs || b.selfTimeNs - a.selfTimeNs,
  );
}

function notesOf(tree: TraceTree<DetailSpan>, rows: number): string[] {
  const orphans = tree.ordered.filter((node) => node.orphan).length;
  const skewed = tree.ordered.filter((node) => node.skewNs !== 0).length;
  const copies = tree.ordered.reduce((sum, node) => sum + node.span.copies, 0);
  return [
    ...(orphans > 0
      ? [`${orphans} of ${tree.ordered.length} spans have a parent that never came`]
      : []),
    ...(tree.roots.length > 1 ? [`the trace is in ${tree.roots.length} pieces`] : []),
    ...(skewed > 0
      ? [
          skewed === 1
            ? 'the clock of one span was adjusted'
            : `the clocks of ${skewed} spans were adjusted`,
        ]
      : []),
    ...(copies > 0 ? [`${copies} spans were delivered again and are counted once`] : []),
    ...(rows === MAX_SPANS ? [`only the first ${MAX_SPANS} spans are shown`] : []),
  ];
}

async function attributeTypes(
  store: Queryable,
  rows: readonly DetailRow[],
): Promise<AttributeTypes> {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.attribute_map)))];
  const found = await store.select<{ key: string; scope: string; types: string[] }>(
    `SELECT key, toString(scope) AS scope, groupUniqArray(toString(type)) AS types FROM attribute_keys
     WHERE scope = 'resource' OR key IN {keys:Array(String)} GROUP BY key, scope`,
    { keys },
  );
  const of = (scope: string) =>
    new Map(
      found
        .filter((row) => row.scope === scope && row.types.length === 1)
        .map((row) => [row.key, row.types[0] as string]),
    );
  return { span: of('span'), resource: of('resource') };
}

function jsonList(text: string): Record<string, unknown>[] {
  if (text === '') return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
  } catch {
    return [];
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

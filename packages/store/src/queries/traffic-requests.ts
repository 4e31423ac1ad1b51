import type { Scope, TrafficRequestGroup, TrafficRequestsAnswer } from '@clover/model';
import type { Queryable } from '../store.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { CLIENT_SIDE, SERVER_SIDE } from './sides.ts';
import { timeCondition } from './where.ts';

/** Spans of one request may start this far apart. */
const APART_MS = 300_000;
const TRACES_SHOWN = 5;

/** A gateway decides about what it receives (its own client spans tell it once more), a sidecar about what its workload sends. */
const GATEWAY = `startsWith(toString(attributes['node_id']), 'router~')`;
const DECIDED = `http_method != '' AND if(${GATEWAY}, ${SERVER_SIDE}, ${CLIENT_SIDE}
  AND NOT startsWith(upstream_cluster, 'inbound|')
  AND (upstream_cluster != '' OR toString(attributes['component']) = 'proxy'))`;

const HEADER = 'http.request.header.';
const HEADER_NAMES = `arraySort(arrayFilter(k -> startsWith(k, '${HEADER}') AND k != '${HEADER}x-request-id', arrayMap(k -> toString(k), mapKeys(attributes))))`;

interface Row {
  gateway: number;
  service: string;
  app: string;
  version: string;
  namespace: string;
  method: string;
  url: string;
  path: string;
  query: string;
  host: string;
  user_agent: string;
  header_names: string[];
  header_values: string[];
  absent_headers: string;
  header_matches: string;
  port: string;
  labels: string;
  http_status: number;
  flags: string;
  cluster: string;
  callees: [string, string][];
  requests: number;
  spans: number;
  traces: string[];
}

/**
 * Requests that proxies decided (server spans of gateways, outbound client spans of sidecars), equal
 * ones in one row with the most first; beyond `limit` (5,000 when not given) they are summed in `rest`.
 */
export async function trafficRequests(
  store: Queryable,
  scope: Scope,
  options: { readonly limit?: number | undefined } = {},
): Promise<TrafficRequestsAnswer> {
  const meta = startMeta(store, scope);
  const limit = options.limit ?? 5000;
  const question = await ask(store, scope);
  const { params } = question;
  const where = `${question.where()} AND ${DECIDED}`;
  const wide = timeCondition(
    { startMs: scope.startMs - APART_MS, endMs: scope.endMs + APART_MS },
    params,
  );
  // A trace at a time, without joins: its proxies' decisions, and the spans of those who served them. A server
  // span belongs to the span it was called by; Zipkin's has its id; behind a gateway's stands its client span.
  const decided = `(lower(hex(trace_id)), span_id, weight, ${GATEWAY}, toString(service), toString(version), toString(namespace),
    toString(attributes['istio.canonical_service']), toString(http_method), toString(attributes['url.full']),
    toString(attributes['url.path']), toString(attributes['url.query']), toString(attributes['server.address']),
    toString(user_agent), ${HEADER_NAMES}, arrayMap(k -> toString(attributes[k]), ${HEADER_NAMES}),
    http_status, toString(response_flags), toString(upstream_cluster), toString(attributes['clover.request.absent_headers']),
    toString(attributes['clover.request.header_matches']), toString(attributes['clover.request.port']),
    if(${GATEWAY}, '', toString(attributes['clover.workload.labels'])))`;
  const traces = `SELECT groupArrayIf(${decided}, ${where}) AS decisions,
      groupUniqArrayIf((span_id, parent_id, toString(service), toString(version)), ${SERVER_SIDE}) AS servers,
      groupUniqArrayIf((span_id, parent_id), ${CLIENT_SIDE} AND notEmpty(parent_id)) AS clients
    FROM ${question.spans()} WHERE ${wide} AND trace_id IN (SELECT trace_id FROM spans WHERE ${where}) GROUP BY trace_id`;
  const callees = `arrayMap(c -> c.1, arrayFilter(c -> c.2 = d.2, clients)) AS egress,
      arraySort(arrayDistinct(arrayMap(s -> (s.3, s.4), arrayFilter(s -> s.2 = d.2 OR has(egress, s.2) OR has(egress, s.1)
        OR (NOT d.4 AND s.1 = d.2), servers)))) AS callees`;
  const keys =
    'gateway, service, app, version, namespace, method, url, path, query, host, user_agent, header_names, header_values, absent_headers, header_matches, port, labels, http_status, flags, cluster, callees';
  const [rows, totals] = await Promise.all([
    store.select<Row>(
      `SELECT ${keys}, sum(weight) AS requests, toFloat64(count()) AS spans,
         arraySlice(arrayDistinct(groupArraySorted(${4 * TRACES_SHOWN})(trace)), 1, ${TRACES_SHOWN}) AS traces
       FROM (
         SELECT d.1 AS trace, d.3 AS weight, d.4 AS gateway, d.5 AS service, d.6 AS version, d.7 AS namespace, d.8 AS app,
           d.9 AS method, d.10 AS url, d.11 AS path, d.12 AS query, d.13 AS host, d.14 AS user_agent, d.15 AS header_names,
           d.16 AS header_values, d.17 AS http_status, d.18 AS flags, d.19 AS cluster,
           d.20 AS absent_headers, d.21 AS header_matches, d.22 AS port, d.23 AS labels, ${callees}
         FROM (${traces}) ARRAY JOIN decisions AS d
       ) GROUP BY ${keys} ORDER BY spans DESC, ${keys} LIMIT ${limit}`,
      params.values,
    ),
    store.select<{ requests: number; spans: number }>(
      `SELECT sum(weight) AS requests, toFloat64(count()) AS spans FROM ${question.spans()} WHERE ${where}`,
      params.values,
    ),
  ]);
  const items = rows.map(groupOf);
  const { requests = 0, spans = 0 } = totals[0] ?? {};
  const sum = (key: 'requests' | 'spans') => items.reduce((all, one) => all + one[key], 0);
  const rest = { requests: Math.max(0, requests - sum('requests')), spans: spans - sum('spans') };
  return {
    meta: await meta.finish({
      sampled: isSampled([{ spans, requests }]),
      notes:
        rest.spans > 0
          ? [`${rest.spans} further requests are in rest; raise limit to see them`]
          : [],
    }),
    items,
    requests,
    spans,
    rest: rest.spans > 0 ? rest : { requests: 0, spans: 0 },
  };
}

function groupOf(row: Row): TrafficRequestGroup {
  const url = urlOf(row);
  const headers: Record<string, string> = {};
  if (row.user_agent !== '') headers['user-agent'] = row.user_agent;
  for (const [index, name] of row.header_names.entries())
    headers[name.slice(HEADER.length).replaceAll('_', '-')] = oneValue(row.header_values[index]!);
  const [name = '', namespace = ''] = row.service.split('.');
  return {
    via: row.gateway ? 'gateway' : 'sidecar',
    service: row.service,
    app: row.app || name,
    version: row.version,
    namespace: row.namespace || namespace,
    method: row.method,
    ...url,
    headers,
    absentHeaders: listOf(row.absent_headers),
    headerMatches: listOf(row.header_matches),
    port: Number(row.port) || 0,
    labels: labelsOf(listOf(row.labels)),
    status: row.http_status,
    responseFlags: row.flags.split(',').filter((flag) => flag !== '' && flag !== '-'),
    upstreamCluster: row.cluster,
    callees: row.callees.map(([service, version]) => ({ service, version })),
    requests: row.requests,
    spans: row.spans,
    traces: row.traces,
  };
}

function urlOf({ url, path, query, host }: Row): { scheme: string; host: string; path: string } {
  const full = /^(https?):\/\/([^/?#]*)([^#]*)/.exec(url);
  if (full) return { scheme: full[1]!, host: full[2]!, path: full[3] || '/' };
  return { scheme: 'http', host, path: (path || '/') + (query && `?${query}`) };
}

/** OpenTelemetry keeps header values as a list; one that stands there alone is meant by itself. */
const oneValue = (text: string) => (text.startsWith('[') ? listOf(text).join(',') : text);

/** Of `app=http-lb`. */
const labelsOf = (list: readonly string[]) =>
  Object.fromEntries(
    list.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );

function listOf(text: string): string[] {
  if (text === '') return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : [text];
  } catch {
    return [text];
  }
}

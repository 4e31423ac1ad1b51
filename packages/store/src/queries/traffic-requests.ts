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
  const ofTraces = `${wide} AND trace_id IN (SELECT trace_id FROM spans WHERE ${where})`;
  const served = (id: string, shared: number) =>
    `SELECT trace_id, ${id} AS id, toString(service) AS callee, toString(version) AS callee_version, ${shared} AS shared
     FROM spans WHERE ${ofTraces} AND ${SERVER_SIDE} AND notEmpty(${id})`;
  // A server span belongs to the span it was called by; Zipkin's has its id; behind a gateway's server span stands its client span.
  const egress = `SELECT e.trace_id AS trace_id, e.parent_id AS id, k.callee AS callee, k.callee_version AS callee_version, 0 AS shared
     FROM (SELECT trace_id, span_id, parent_id FROM spans WHERE ${ofTraces} AND ${CLIENT_SIDE} AND notEmpty(parent_id)) AS e
     INNER JOIN (${served('parent_id', 0)} UNION ALL ${served('span_id', 0)}) AS k ON e.trace_id = k.trace_id AND e.span_id = k.id`;
  const callees = `SELECT trace_id, id, groupUniqArray((callee, callee_version, shared)) AS callees
     FROM (${served('parent_id', 0)} UNION ALL ${served('span_id', 1)} UNION ALL ${egress}) GROUP BY trace_id, id`;
  const decided = `SELECT trace_id, span_id, weight, ${GATEWAY} AS gateway, toString(service) AS service, toString(version) AS version,
       toString(namespace) AS namespace, toString(attributes['istio.canonical_service']) AS app, toString(http_method) AS method,
       toString(attributes['url.full']) AS url, toString(attributes['url.path']) AS path, toString(attributes['url.query']) AS query,
       toString(attributes['server.address']) AS host, toString(user_agent) AS user_agent,
       arraySort(arrayFilter(k -> startsWith(k, '${HEADER}') AND k != '${HEADER}x-request-id', arrayMap(k -> toString(k), mapKeys(attributes)))) AS header_names,
       arrayMap(k -> toString(attributes[k]), header_names) AS header_values,
       http_status, toString(response_flags) AS flags, toString(upstream_cluster) AS cluster
     FROM ${question.spans()} WHERE ${where}`;
  const keys =
    'gateway, service, app, version, namespace, method, url, path, query, host, user_agent, header_names, header_values, http_status, flags, cluster, callees';
  const [rows, totals] = await Promise.all([
    store.select<Row>(
      `SELECT ${keys}, sum(weight) AS requests, toFloat64(count()) AS spans,
         arraySlice(arrayDistinct(groupArraySorted(${4 * TRACES_SHOWN})(lower(hex(trace_id)))), 1, ${TRACES_SHOWN}) AS traces
       FROM (
         SELECT d.*, arraySort(arrayMap(c -> (c.1, c.2), arrayFilter(c -> NOT (d.gateway AND c.3), h.callees))) AS callees
         FROM (${decided}) AS d LEFT ANY JOIN (${callees}) AS h ON d.trace_id = h.trace_id AND d.span_id = h.id
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
function oneValue(text: string): string {
  if (!text.startsWith('[')) return text;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.join(',') : text;
  } catch {
    return text;
  }
}

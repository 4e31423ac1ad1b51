// The original's statistics by its field names, out of today's analyses. Counts are requests on the
// server side; times are milliseconds; lists are whole up to the limit below.

import type { CountsAnswer, Scope, VisibilityStatus } from '@clover/model';
import * as ask from '@clover/store';
import type { Queryable } from '@clover/store';
import { trackedServices } from '../visibility/tracked-services.ts';

export interface StatisticsContext {
  readonly store: Queryable;
  readonly scope: Scope;
  readonly visibility: VisibilityStatus;
}

const MOST_GROUPS = 1000;
const HOUR_MS = 3_600_000;

export async function systemStatistics({ store, scope }: StatisticsContext) {
  const { traces, spans, metricPoints } = await ask.systemCounts(store, scope);
  return { trace_count: traces, span_count: spans, metric_count: metricPoints };
}

/** Each tracked metric's last 100 values of the hour before the end of the range, label sets summed. */
export async function metricStatistics({ store, scope, visibility }: StatisticsContext) {
  const { prefixes, suffixes, customMetrics } = visibility;
  const recent = { ...scope, startMs: Math.max(scope.startMs, scope.endMs - HOUR_MS) };
  const { items } = await ask.trackedMetrics(store, recent, {
    services: await trackedServices(store, visibility),
    prefixes,
    suffixes,
    customMetrics,
  });
  return {
    metrics_time: items.map(({ name, service, prefix, suffix, values }) => ({
      name,
      service,
      prefix,
      suffix,
      values: values.flatMap(([, value]) => (value === null ? [] : [value])),
    })),
  };
}

export async function tracingStatistics({ store, scope }: StatisticsContext) {
  const counted = (by: string) => ask.counts(store, scope, { by, limit: MOST_GROUPS });
  const [times, values, agents, urls, codes, nodeUrls, nodes] = await Promise.all([
    ask.responseTimes(store, scope, { by: 'service' }),
    ask.distinct(store, scope),
    counted('userAgent'),
    counted('url'),
    counted('url,statusCode'),
    counted('service,url'),
    counted('node'),
  ]);
  const list = (
    name: 'urls' | 'userAgents' | 'statusCodes' | 'operations' | 'nodes' | 'upstreamClusters',
  ) => values[name].values.map(({ value }) => value);
  return {
    response_times: times.items.flatMap(({ service, latency }) =>
      latency
        ? [
            {
              name: service,
              min: ms(latency.minNs),
              avg: ms(latency.avgNs),
              max: ms(latency.maxNs),
            },
          ]
        : [],
    ),
    request_urls: list('urls'),
    user_agents: list('userAgents'),
    status_codes: list('statusCodes'),
    op_names: list('operations'),
    node_ids: list('nodes'),
    upstream_clusters: list('upstreamClusters'),
    user_agent_count: byOne(agents),
    request_url_count: byOne(urls),
    status_code_count: byTwo(codes),
    node_url_count: byTwo(nodeUrls),
    node_id_count: byOne(nodes),
  };
}

export async function allStatistics(context: StatisticsContext) {
  const [system, metrics, tracing] = await Promise.all([
    systemStatistics(context),
    metricStatistics(context),
    tracingStatistics(context),
  ]);
  return { ...system, ...metrics, ...tracing };
}

const ms = (ns: number): number => Math.round(ns / 1e3) / 1e3;

/** `{value: count}`; requests without a value are left out, as the original did. */
function byOne({ items }: CountsAnswer): Record<string, number> {
  return Object.fromEntries(
    items.flatMap(({ values: [value = ''], count }) => (value === '' ? [] : [[value, count]])),
  );
}

/** `{first: {second: count}}`. */
function byTwo({ items }: CountsAnswer): Record<string, Record<string, number>> {
  const groups = new Map<string, [string, number][]>();
  for (const { values, count } of items) {
    const [first = '', second = ''] = values;
    if (first === '' || second === '') continue;
    const known = groups.get(first);
    if (known) known.push([second, count]);
    else groups.set(first, [[second, count]]);
  }
  return Object.fromEntries(
    [...groups].map(([first, inner]) => [first, Object.fromEntries(inner)]),
  );
}

// Envoy's cluster metrics as text: with the cluster as a label, or in the name as Istio had it in 2018.

import {
  CLUSTER_COUNTERS,
  CLUSTER_HISTOGRAMS,
  CLUSTER_HISTOGRAM_START,
  type ClusterStats,
} from './cluster-stats.ts';
import {
  CLUSTER_EVENT_COUNTS,
  CLUSTER_GAUGES,
  combine,
  type ObservedCluster,
} from './cluster-gauges.ts';
import { plainLabels, plainName, taggedLabels } from './cluster-labels.ts';
import { family, histogramFamily, type Sample } from './exposition.ts';

const PREFIX = 'envoy_cluster_';

export function* clusterFamilies(
  clusters: readonly ClusterStats[],
  now: readonly ObservedCluster[],
): Generator<string> {
  for (const [place, name] of CLUSTER_COUNTERS.entries())
    yield family(
      PREFIX + name,
      'counter',
      clusters.map((stats) => ({ labels: stats.labels, value: stats.values[place]! })),
    );
  yield family(`${PREFIX}upstream_rq`, 'counter', responseCodes(clusters));
  for (const [n, name] of CLUSTER_HISTOGRAMS.entries())
    yield histogramFamily(
      PREFIX + name,
      clusters.map((stats) => ({ labels: stats.labels, values: stats.values, start: start(n) })),
    );
  const views = group(now, ({ name, workload }) => taggedLabels(name, workload));
  for (const [gauge, read] of readings())
    yield family(
      PREFIX + gauge,
      gauge in CLUSTER_GAUGES ? 'gauge' : 'counter',
      [...views].flatMap(([text, list]) => sample(text, gauge, list.map(read))),
    );
}

function* responseCodes(clusters: readonly ClusterStats[]): Generator<Sample> {
  for (const stats of clusters) {
    for (const [status, value] of stats.codes())
      yield { labels: `${stats.labels},response_code="${status}"`, value };
    for (const [name, value] of stats.classes())
      yield { labels: `${stats.labels},response_code_class="${name}"`, value };
  }
}

/** One family for each cluster and counter; clusters of one name (a service's workloads) share them. */
export function* plainClusterFamilies(
  clusters: readonly ClusterStats[],
  now: readonly ObservedCluster[],
): Generator<string> {
  for (const [plain, list] of group(clusters, ({ plainName }) => plainName)) {
    const prefix = `${PREFIX}${plain}_`;
    for (const [place, name] of CLUSTER_COUNTERS.entries())
      yield family(
        prefix + name,
        'counter',
        list.map((stats) => ({ labels: stats.plainLabels, value: stats.values[place]! })),
      );
    yield* plainCodes(prefix, list);
    for (const [n, name] of CLUSTER_HISTOGRAMS.entries())
      yield histogramFamily(
        prefix + name,
        list.map((s) => ({ labels: s.plainLabels, values: s.values, start: start(n) })),
      );
  }
  for (const [name, list] of group(now, (one) => plainName(one.statsName, one.workload))) {
    const views = group(list, ({ workload }) => plainLabels(workload));
    for (const [gauge, read] of readings())
      yield family(
        `${PREFIX}${name}_${gauge}`,
        gauge in CLUSTER_GAUGES ? 'gauge' : 'counter',
        [...views].flatMap(([text, view]) => sample(text, gauge, view.map(read))),
      );
  }
}

function* plainCodes(prefix: string, list: readonly ClusterStats[]): Generator<string> {
  const byName = new Map<string, Sample[]>();
  const add = (suffix: string, one: Sample) =>
    byName.set(suffix, [...(byName.get(suffix) ?? []), one]);
  for (const stats of list) {
    for (const [status, value] of stats.codes())
      add(String(status), { labels: stats.plainLabels, value });
    for (const [name, value] of stats.classes()) add(name, { labels: stats.plainLabels, value });
  }
  for (const [suffix, samples] of byName)
    yield family(`${prefix}upstream_rq_${suffix}`, 'counter', samples);
}

function readings() {
  return [...Object.entries(CLUSTER_GAUGES), ...Object.entries(CLUSTER_EVENT_COUNTS)];
}

function sample(text: string, gauge: string, values: readonly (number | undefined)[]): Sample[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? [] : [{ labels: text, value: combine(gauge, known) }];
}

function group<T>(list: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const name = nameOf(item);
    const known = groups.get(name);
    if (known) known.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

function start(histogram: number): number {
  return CLUSTER_HISTOGRAM_START.first + histogram * CLUSTER_HISTOGRAM_START.size;
}

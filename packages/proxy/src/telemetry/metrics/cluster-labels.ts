// What a cluster's metrics are called: by labels as today, or by names as in 2018.

import type { GatewayWorkload, Workload } from '../../workload.ts';
import { labels } from './exposition.ts';

/** One process speaks for several workloads: an inbound cluster's series name theirs. */
type Owner = Workload | GatewayWorkload | undefined;

export const taggedLabels = (name: string, workload: Owner): string =>
  labels([['cluster_name', name], ...ownerLabels(workload)]);

export const plainLabels = (workload: Owner): string => labels(ownerLabels(workload));

/**
 * In 2018 an inbound cluster's name held its service, `inbound|9180||http-lb.default.svc.cluster.local`;
 * today it is `inbound|9180||`. The plain names keep the old form.
 */
export function plainName(statsName: string, workload: Owner): string {
  const name = statsName.replaceAll('-', '_');
  if (workload === undefined || !('service' in workload) || !/^inbound_\d+__$/.test(name))
    return name;
  return `${name}${workload.service}_${workload.namespace}_svc_cluster_local`.replaceAll(
    /[^A-Za-z0-9_]/g,
    '_',
  );
}

function ownerLabels(workload: Owner): [string, string][] {
  if (workload === undefined) return [];
  return [
    ['workload', workload.name],
    ['namespace', workload.namespace],
  ];
}

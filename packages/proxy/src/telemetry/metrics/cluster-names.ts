// What a cluster is called in metrics: as a label, and in the names of 2018.

import type { Cluster } from '../../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../../workload.ts';
import { labels } from './exposition.ts';

export interface ClusterNames {
  /** Labels of the tagged names. */
  readonly tagged: string;
  readonly plain: { readonly name: string; readonly labels: string };
}

/** @param workload whose inbound cluster it is: its name says only a port */
export function namesOf(
  { name, statsName }: Pick<Cluster, 'name' | 'statsName'>,
  workload: Workload | GatewayWorkload | undefined,
): ClusterNames {
  if (workload === undefined)
    return {
      tagged: labels([['cluster_name', name]]),
      plain: { name: statsName.replaceAll('-', '_'), labels: '' },
    };
  const owner = [
    ['workload', workload.name],
    ['namespace', workload.namespace],
  ] as const;
  return {
    tagged: labels([['cluster_name', name], ...owner]),
    plain: { name: plainInboundName(statsName, workload), labels: labels(owner) },
  };
}

/**
 * In 2018 an inbound cluster's name held its service, `inbound|9180||http-lb.default.svc.cluster.local`;
 * today it is `inbound|9180||`. The plain names keep the old form.
 */
function plainInboundName(statsName: string, workload: Workload | GatewayWorkload): string {
  const name = statsName.replaceAll('-', '_');
  if (!('service' in workload) || !/^inbound_\d+__$/.test(name)) return name;
  return `${name}${workload.service}_${workload.namespace}_svc_cluster_local`.replaceAll(
    /[^A-Za-z0-9_]/g,
    '_',
  );
}

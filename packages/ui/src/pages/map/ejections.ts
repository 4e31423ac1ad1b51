import type { MetricSeriesAnswer } from '@clover/model';
import { serviceOf } from './mesh-marks.ts';

/**
 * Ejected endpoints by a service's name. Every proxy judges for itself, and a subset is a cluster of its own: the most
 * that one of them leaves out, not their sum, which would count an endpoint as often as it is known.
 */
export function ejectedByService(
  series: MetricSeriesAnswer['series'],
): ReadonlyMap<string, number> {
  const ejected = new Map<string, number>();
  for (const { labels, latest } of series) {
    const now = latest ?? 0;
    const service = serviceOfCluster(labels['envoy_cluster_name'] ?? labels['cluster_name'] ?? '');
    if (now > 0 && service !== undefined)
      ejected.set(service, Math.max(now, ejected.get(service) ?? 0));
  }
  return ejected;
}

/** `http-lb` of `outbound|9180|v1|http-lb.default.svc.cluster.local`. */
function serviceOfCluster(name: string): string | undefined {
  const [direction, , , host] = name.split(/[|;]/);
  return direction === 'outbound' && host ? serviceOf(host) : undefined;
}

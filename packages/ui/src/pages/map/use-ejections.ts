// Endpoints that the mesh's proxies leave out for now because they failed too often: the newest value of Envoy's own
// gauge, which the built-in proxy has too.

import { useMemo } from 'react';
import type { MetricSeriesAnswer, TrafficEffectiveAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import { ejectedByService } from './ejections.ts';

const GAUGE = 'envoy_cluster_outlier_detection_ejections_active';
const BEAT_MS = 10_000;
const NONE: ReadonlyMap<string, number> = new Map();

/** By a service's name without namespace; asked only where rules leave endpoints out. */
export function useEjections(
  effective: TrafficEffectiveAnswer | undefined,
): ReadonlyMap<string, number> {
  const { data } = useQuestion<MetricSeriesAnswer>({
    queryKey: ['ejections'],
    queryFn: ({ signal }) =>
      client.metricSeries({ since: '2m', name: GAUGE, view: 'value', limit: 50 }, { signal }),
    liveMs: BEAT_MS,
    enabled: (effective?.resources ?? []).some(
      ({ kind, spec }) =>
        kind === 'DestinationRule' && JSON.stringify(spec).includes('"outlierDetection"'),
    ),
  });
  return useMemo(() => (data ? ejectedByService(data.series) : NONE), [data]);
}

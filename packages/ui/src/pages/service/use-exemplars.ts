// Slow requests of a service as dots on its chart of durations, each with the service's own time in it.

import { useMemo } from 'react';
import type { ExemplarsAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import type { Exemplar } from '../../charts/chart-overlay.ts';
import { duration } from '../../format/duration.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';

const SHOWN = 8;

/** The slowest, at most one in two steps of the chart, so that they stand apart. */
export function useExemplars(service: string, stepMs: number | undefined): readonly Exemplar[] {
  const step = Math.max(1, Math.round((2 * (stepMs ?? 0)) / 1000));
  const { data } = useAnswer(
    'exemplars',
    { service, step },
    (query, signal) => client.exemplars({ ...query, service, step, limit: SHOWN }, { signal }),
    { liveMs: 15_000, enabled: stepMs !== undefined },
  );
  return useMemo(() => data?.items.map(exemplarOf) ?? [], [data]);
}

function exemplarOf(one: ExemplarsAnswer['items'][number]): Exemplar {
  return {
    timeMs: Number(one.startTimeUnixNano) / 1e6,
    value: one.durationNs,
    label: `${duration(one.durationNs)} ${one.name}${one.failed ? ', failed' : ''}: open this trace`,
    failed: one.failed,
    to: pageHref(`/traces/${one.traceId}`, { span: one.spanId }),
  };
}

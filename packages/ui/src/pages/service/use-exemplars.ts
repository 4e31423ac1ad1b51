// Slow requests of a service as dots on its chart of durations, each with the service's own time in it.

import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { TraceDetail, TraceSummary } from '@clover/model';
import { client } from '../../api/client.ts';
import type { Exemplar } from '../../charts/chart-overlay.ts';
import { duration } from '../../format/duration.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';

const SEARCHED = 40;
const SHOWN = 8;
/** Traces beyond this are asked for only when somebody opens them. */
const MOST_SPANS = 400;

/** The slowest, at most one a step, so that they stand apart. */
export function useExemplars(service: string, stepMs: number | undefined): readonly Exemplar[] {
  const found = useAnswer(
    'exemplars',
    { service },
    (query, signal) =>
      client.traces({ ...query, service, sort: 'slowest', limit: SEARCHED }, { signal }),
    { liveMs: 15_000, enabled: stepMs !== undefined },
  );
  const chosen = spread(found.data?.items ?? [], stepMs ?? 1);
  const traces = useQueries({
    queries: chosen.map(({ traceId }) => ({
      queryKey: ['trace', traceId],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.trace(traceId, { signal }),
      // What is slow has ended.
      staleTime: Infinity,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  return useMemo(
    () => traces.flatMap((trace) => (trace ? (exemplarOf(trace, service) ?? []) : [])),
    [traces, service],
  );
}

function spread(traces: readonly TraceSummary[], stepMs: number): TraceSummary[] {
  const steps = new Set<number>();
  const chosen: TraceSummary[] = [];
  for (const one of traces) {
    const step = Math.floor(Number(one.startTimeUnixNano) / 1e6 / (2 * stepMs));
    if (steps.has(step) || one.spans > MOST_SPANS) continue;
    steps.add(step);
    if (chosen.push(one) === SHOWN) break;
  }
  return chosen;
}

/** Its longest server-side span of the service: what the chart's percentiles are made of. */
function exemplarOf(trace: TraceDetail, service: string): Exemplar | undefined {
  const [longest] = trace.spans
    .filter(
      (one) =>
        one.service === service &&
        (one.kind === 'server' || one.kind === 'consumer' || one.direction === 'inbound'),
    )
    .toSorted((a, b) => b.durationNs - a.durationNs);
  if (!longest) return undefined;
  return {
    timeMs: Number(longest.startTimeUnixNano) / 1e6,
    value: longest.durationNs,
    label: `${duration(longest.durationNs)} ${longest.name}${longest.status === 'error' ? ', failed' : ''}: open this trace`,
    failed: longest.status === 'error',
    to: pageHref(`/traces/${trace.traceId}`, { span: longest.spanId }),
  };
}

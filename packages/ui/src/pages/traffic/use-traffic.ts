// What the Traffic page asks. Live events of the server ask it again; a slow beat catches what they missed.

import { useQueryClient } from '@tanstack/react-query';
import type { TrafficEffectiveAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { useQuestion } from '../../hooks/use-question.ts';

const BEAT_MS = 20_000;

export function useResources() {
  return useQuestion({
    queryKey: ['traffic', 'resources'],
    queryFn: ({ signal }) => client.trafficResources({}, { signal }),
    liveMs: BEAT_MS,
  });
}

export function useFaults() {
  return useQuestion({
    queryKey: ['traffic', 'faults'],
    queryFn: ({ signal }) => client.faults({}, { signal }),
    liveMs: BEAT_MS,
  });
}

export function useMesh() {
  return useQuestion({
    queryKey: ['traffic', 'mesh'],
    queryFn: ({ signal }) => client.mesh({}, { signal }),
    liveMs: BEAT_MS,
  });
}

export function useWorkloads() {
  return useQuestion({
    queryKey: ['traffic', 'workloads'],
    queryFn: ({ signal }) => client.workloads({}, { signal }),
    liveMs: BEAT_MS,
  });
}

export function useEffective() {
  return useQuestion({
    queryKey: ['traffic', 'effective'],
    queryFn: ({ signal }) => client.trafficEffective({}, { signal }),
    liveMs: BEAT_MS,
  });
}

const VERIFY_MS = 15_000;

/**
 * The traffic of the page's time range held against all that is in force, fault switches included. The server leaves
 * out what was before the rules came into force, and says since when they are.
 * @param absent headers that were not there when nobody recorded them
 */
export function useVerified(
  effective: TrafficEffectiveAnswer | undefined,
  absent: readonly string[],
) {
  return useAnswer(
    'traffic-verify',
    { revision: effective?.revision, absent },
    (query, signal) => client.trafficVerify({ ...query, absent: [...absent] }, { signal }),
    { enabled: (effective?.resources.length ?? 0) > 0, liveMs: VERIFY_MS },
  );
}

/** Asks everything about traffic again, after a change from here. */
export function useTrafficChanged(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ['traffic'] });
}

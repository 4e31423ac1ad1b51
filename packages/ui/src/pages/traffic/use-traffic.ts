// What the Traffic page asks. Live events of the server ask it again; a slow beat catches what they missed.

import { useQueryClient } from '@tanstack/react-query';
import type { TrafficEffectiveAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { parseDurationMs } from '@clover/model/time';
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

interface VerifyOptions {
  /** Headers that were not there when nobody recorded them. */
  readonly absent: readonly string[];
  /** When the rules were changed last, RFC 3339: what was before obeyed others. */
  readonly changedAt: string | undefined;
}

/** The traffic of the page's time range held against all that is in force, fault switches included. */
export function useVerified(
  effective: TrafficEffectiveAnswer | undefined,
  { absent, changedAt }: VerifyOptions,
) {
  return useAnswer(
    'traffic-verify',
    { revision: effective?.revision, absent, changedAt },
    ({ since, ...query }, signal) => {
      // JSON is YAML.
      const texts = effective!.resources.map(({ apiVersion, kind, metadata, spec }) =>
        JSON.stringify({ apiVersion, kind, metadata, spec }),
      );
      const files = [{ name: 'in-force.yaml', text: texts.join('\n---\n') }];
      return client.trafficVerify(
        { ...query, ...judgedFrom(since, changedAt), files, absent: [...absent] },
        { signal },
      );
    },
    { enabled: (effective?.resources.length ?? 0) > 0, liveMs: VERIFY_MS },
  );
}

/** A range that follows the clock begins no earlier than the rules that it is held against. */
function judgedFrom(
  since: string | undefined,
  changedAt: string | undefined,
): { since?: string; start?: string } {
  if (since === undefined) return {};
  const changedMs = changedAt === undefined ? 0 : Date.parse(changedAt);
  return changedMs > Date.now() - parseDurationMs(since) ? { start: String(changedMs) } : { since };
}

/** Asks everything about traffic again, after a change from here. */
export function useTrafficChanged(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ['traffic'] });
}

// What happened to the system and may explain a change in a chart: revisions of the traffic rules, faults among them.

import { useMemo } from 'react';
import type { TrafficHistoryAnswer } from '@clover/model';
import type { ChartMark } from '../charts/chart-overlay.ts';
import { useTrafficHistory } from './use-traffic-history.ts';

/** Revisions within a range, oldest first. */
export function useMarks(fromMs: number | undefined, toMs: number | undefined): ChartMark[] {
  const { data } = useTrafficHistory();
  return useMemo(
    () =>
      fromMs === undefined || toMs === undefined
        ? []
        : marksOf(data).filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs),
    [data, fromMs, toMs],
  );
}

const WORDS: Readonly<Record<string, string>> = { fault: 'fault', undo: 'undo' };

function marksOf(history: TrafficHistoryAnswer | undefined): ChartMark[] {
  return (history?.items ?? [])
    .map(({ revision, time, action, changes: [first, ...more], reason }) => ({
      timeMs: Date.parse(time),
      label: WORDS[action] ?? `rules ${revision}`,
      detail: [
        `Revision ${revision}, ${action}`,
        first &&
          `${first.name} ${first.action}${more.length > 0 ? ` and ${more.length} more` : ''}`,
        reason,
      ]
        .filter((one) => one)
        .join(': '),
    }))
    .toSorted((a, b) => a.timeMs - b.timeMs);
}

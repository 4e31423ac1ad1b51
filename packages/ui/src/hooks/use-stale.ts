// Whether figures on the page are older than they should be: their question fails, or the server is away.

import { useCallback, useRef, useSyncExternalStore } from 'react';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { CloverError } from '@clover/model';
import { useLive } from './use-live.ts';

export interface Staleness {
  /** When the last answer came that still stands here, unix ms; undefined when there is none. */
  readonly answeredMs: number | undefined;
  /** Why a question fails; undefined when the server as a whole is away. */
  readonly error: CloverError | undefined;
}

/** Undefined while all is well. */
export function useStale(): Staleness | undefined {
  const queries = useQueryClient();
  const { lost } = useLive();
  const last = useRef<Staleness | undefined>(undefined);
  return useSyncExternalStore(
    useCallback((listener) => queries.getQueryCache().subscribe(listener), [queries]),
    () => {
      const next = staleness(queries, lost);
      const same =
        next?.answeredMs === last.current?.answeredMs && next?.error === last.current?.error;
      if (!same || !next || !last.current) last.current = next;
      return last.current;
    },
  );
}

function staleness(queries: QueryClient, lost: boolean): Staleness | undefined {
  const answered = queries
    .getQueryCache()
    .findAll({ type: 'active', predicate: ({ state }) => state.data !== undefined });
  const failing = answered.filter(({ state }) => state.status === 'error');
  if (!lost && failing.length === 0) return undefined;
  const times = (lost ? answered : failing).map(({ state }) => state.dataUpdatedAt);
  return {
    answeredMs: times.length > 0 ? Math.max(...times) : undefined,
    error: lost ? undefined : (failing[0]!.state.error as CloverError),
  };
}

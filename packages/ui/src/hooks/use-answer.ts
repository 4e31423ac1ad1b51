// One question to the API: what the page shows while it waits, what it keeps, when it asks again.

import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { CloverError } from '@clover/model';
import { useScope } from './use-scope.ts';

const LIVE_MS = 5000;

/**
 * Asks about the page's scope. While a new answer loads the old one stays (`isPlaceholderData` dims it); in live mode
 * it asks again every five seconds. A question that never had an answer waits for a retry: asking a slow store again and
 * again makes it slower, and the message would come and go.
 * @param name with `extra` the key of the cache
 */
export function useAnswer<Answer>(
  name: string,
  extra: Readonly<Record<string, unknown>>,
  ask: (scope: ReturnType<typeof useScope>['query'], signal: AbortSignal) => Promise<Answer>,
  options: { enabled?: boolean; liveMs?: number } = {},
): UseQueryResult<Answer, CloverError> {
  const scope = useScope();
  return useQuery<Answer, CloverError>({
    queryKey: [name, scope.query, extra],
    queryFn: ({ signal }) => ask(scope.query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      scope.live && !(state.status === 'error' && state.data === undefined)
        ? (options.liveMs ?? LIVE_MS)
        : false,
    enabled: options.enabled ?? true,
  });
}

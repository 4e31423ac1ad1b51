// One question to the API: what the page shows while it waits, what it keeps, when it asks again.

import { keepPreviousData, type UseQueryResult } from '@tanstack/react-query';
import type { CloverError } from '@clover/model';
import { useQuestion } from './use-question.ts';
import { useScope } from './use-scope.ts';

export const LIVE_MS = 5000;

/**
 * Asks about the page's scope. While a new answer loads the old one stays (`isPlaceholderData` dims it); in live mode
 * it asks again every five seconds.
 * @param name with `extra` the key of the cache
 */
export function useAnswer<Answer>(
  name: string,
  extra: Readonly<Record<string, unknown>>,
  ask: (scope: ReturnType<typeof useScope>['query'], signal: AbortSignal) => Promise<Answer>,
  options: { enabled?: boolean; liveMs?: number } = {},
): UseQueryResult<Answer, CloverError> {
  const scope = useScope();
  return useQuestion<Answer>({
    queryKey: [name, scope.query, extra],
    queryFn: ({ signal }) => ask(scope.query, signal),
    placeholderData: keepPreviousData,
    liveMs: scope.live ? (options.liveMs ?? LIVE_MS) : undefined,
    enabled: options.enabled ?? true,
  });
}

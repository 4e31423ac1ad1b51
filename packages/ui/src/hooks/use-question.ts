// A question whose failure stays on the page until there is an answer.

import { useRef } from 'react';
import {
  hashKey,
  useQuery,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { CloverError } from '@clover/model';
import { askAgainMs } from '../domain/ask-again.ts';

interface QuestionOptions<Answer> extends Omit<
  UseQueryOptions<Answer, CloverError>,
  'refetchInterval'
> {
  /** Asked again at this pace, more rarely while it fails; not at all without it. */
  readonly liveMs?: number | undefined;
}

/**
 * As `useQuery`, but while a question that failed is put again its error stands, instead of the skeleton or the old
 * answer to another question: a message that comes and goes cannot be read.
 */
export function useQuestion<Answer>({
  liveMs,
  ...options
}: QuestionOptions<Answer>): UseQueryResult<Answer, CloverError> {
  const result = useQuery<Answer, CloverError>({
    ...options,
    refetchInterval: ({ state }) =>
      liveMs === undefined ? false : askAgainMs({ ...state, tookMs: tookMsOf(state.data) }, liveMs),
  });
  const key = hashKey(options.queryKey);
  const failed = useRef<{ readonly key: string; readonly error: CloverError } | undefined>(
    undefined,
  );
  const waiting = result.isPending || result.isPlaceholderData;
  if (result.error) failed.current = { key, error: result.error };
  else if (!waiting || failed.current?.key !== key) failed.current = undefined;
  if (!waiting || !failed.current) return result;
  // The same shape as the library's own state after a failure without an answer.
  return {
    ...result,
    data: undefined,
    error: failed.current.error,
    status: 'error',
    isError: true,
    isLoadingError: true,
    isPending: false,
    isLoading: false,
    isInitialLoading: false,
    isSuccess: false,
    isPlaceholderData: false,
  } as UseQueryResult<Answer, CloverError>;
}

/** What most answers say about themselves. */
function tookMsOf(answer: unknown): number | undefined {
  return (answer as { readonly meta?: { readonly tookMs?: number } } | undefined)?.meta?.tookMs;
}

// When a live page puts its question again: steadily while it is answered, ever more rarely while it fails.

const LONGEST_STALE_MS = 60_000;
const LONGEST_EMPTY_MS = 300_000;

export interface AskState {
  readonly status: 'pending' | 'error' | 'success';
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
  /** Failures since the question was first put. */
  readonly errorUpdateCount: number;
  /** How long the last answer took the server, where it says so. */
  readonly tookMs?: number | undefined;
}

/** Of the time a slow answer takes at most a third is spent on it. */
const REST = 2;

/**
 * Milliseconds until the question is put again; an answer that takes long is asked for more rarely. After a failure that leaves an old answer standing, as long again as it
 * has been old (a minute at most); without any answer doubled each time (five minutes at most): asking a slow store again
 * and again makes it slower.
 */
export function askAgainMs(state: AskState, liveMs: number): number {
  if (state.status !== 'error') return Math.max(liveMs, REST * (state.tookMs ?? 0));
  if (state.dataUpdatedAt === 0)
    return Math.min(LONGEST_EMPTY_MS, liveMs * 2 ** Math.min(state.errorUpdateCount, 10));
  const age = state.errorUpdatedAt - state.dataUpdatedAt;
  return Math.min(LONGEST_STALE_MS, Math.max(liveMs, age));
}

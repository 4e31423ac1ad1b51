// Jaeger's search has no pages and cuts its answer at the limit without a word. A window whose
// answer reaches the limit is asked again in halves, down to a microsecond.

import { CloverError } from '@clover/model';

export interface TimeWindow {
  /** Microseconds since 1970, inclusive. */
  readonly startMicros: number;
  /** Inclusive. */
  readonly endMicros: number;
}

/** What the answers say together: how much of the time asked for came without a cut. */
export interface WindowCoverage {
  readonly totalMicros: number;
  readonly completeMicros: number;
  /** Windows of a microsecond that reached even the highest limit. */
  readonly cut: number;
  readonly requests: number;
}

export interface WindowOptions {
  readonly limit: number;
  /** Asked for where a microsecond holds more than `limit` traces. */
  readonly highestLimit: number;
  /** Asks one window; gives how many traces came, or `too_large` when the answer was too large to read. */
  readonly ask: (window: TimeWindow, limit: number) => Promise<number | 'too_large'>;
}

/** Asks `window` in as many parts as it takes, oldest first. Rejects when `ask` does. */
export async function askWindows(
  window: TimeWindow,
  options: WindowOptions,
): Promise<WindowCoverage> {
  const todo = [window];
  let completeMicros = 0;
  let cut = 0;
  let requests = 0;
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    requests++;
    const width = next.endMicros - next.startMicros + 1;
    const count = await options.ask(next, options.limit);
    if (count !== 'too_large' && count < options.limit) {
      completeMicros += width;
    } else if (width > 1) {
      const middle = next.startMicros + Math.floor(width / 2);
      todo.push({ startMicros: middle, endMicros: next.endMicros });
      todo.push({ startMicros: next.startMicros, endMicros: middle - 1 });
    } else {
      requests++;
      const all = await options.ask(next, options.highestLimit).catch(refusedIsTooLarge);
      if (all !== 'too_large' && all < options.highestLimit) completeMicros += width;
      else cut++;
    }
  }
  return { totalMicros: window.endMicros - window.startMicros + 1, completeMicros, cut, requests };
}

/** A storage may refuse so high a limit; then the window stays cut, which is said. */
function refusedIsTooLarge(error: unknown): 'too_large' {
  if (error instanceof CloverError && error.code === 'pull.bad_answer') return 'too_large';
  throw error;
}

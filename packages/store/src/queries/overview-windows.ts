// The two windows that an overview compares, and when there are spans to compare.
import type { Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { firstSpanMs } from './first-span.ts';
import { ask } from './question.ts';
import { serviceRed, type ServiceRed } from './service-red.ts';

export interface Windows {
  readonly earlier: Scope;
  /** First span of both, unix ms; null when there is none. */
  readonly dataSinceMs: number | null;
  /** Spans reach back to the beginning of the earlier one: there is something to compare with. */
  readonly beforeCovered: boolean;
  /** Services with a span in each. */
  readonly list: readonly ServiceRed[];
  readonly listBefore: readonly ServiceRed[];
}

/** The window before is covered when spans begin within its first tenth, or its first minute when that is longer. */
const LATE_RATIO = 0.1;
const LATE_MS = 60_000;

/** The scope, and the window of the same length before it; one without spans is not asked about. */
export async function readWindows(store: Queryable, scope: Scope): Promise<Windows> {
  const length = scope.endMs - scope.startMs;
  const earlier: Scope = { ...scope, startMs: scope.startMs - length, endMs: scope.startMs };
  const dataSinceMs = await firstSpanMs(store, { startMs: earlier.startMs, endMs: scope.endMs });
  const read = async (window: Scope) => serviceRed(store, await ask(store, window));
  const [list, listBefore] = await Promise.all([
    read(scope),
    dataSinceMs === null || dataSinceMs >= scope.startMs ? [] : read(earlier),
  ]);
  const late = Math.max(LATE_MS, length * LATE_RATIO);
  const beforeCovered = dataSinceMs !== null && dataSinceMs <= earlier.startMs + late;
  return { earlier, dataSinceMs, beforeCovered, list, listBefore };
}

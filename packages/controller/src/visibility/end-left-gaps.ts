// A process that dies leaves its gaps open: they reach ahead of the last time somebody wrote them.

import type { Signal } from '@clover/model';
import type { Store } from '@clover/store';

interface LeftGap {
  readonly source: string;
  readonly signal: Signal;
  readonly startMs: number;
  readonly reason: string;
}

/**
 * For a start, before anything is asked: gaps that nobody ended end at `nowMs`, because until then nobody asked
 * again, and what comes from then on is the gap of who fails then. Returns how many.
 */
export async function endLeftGaps(
  store: Pick<Store, 'select' | 'recordGap'>,
  nowMs: number = Date.now(),
): Promise<number> {
  const left = await store.select<LeftGap>(
    `SELECT toString(source) AS source, toString(signal) AS signal, reason,
       toFloat64(toUnixTimestamp64Milli(start)) AS startMs
     FROM gaps FINAL
     WHERE end > recorded AND start < fromUnixTimestamp64Milli({now:Int64}, 'UTC')`,
    { now: nowMs },
  );
  for (const gap of left) await store.recordGap({ ...gap, endMs: nowMs });
  return left.length;
}

import type { Meta } from '@clover/model';

/** When the first span came, unix ms, where that was within the range. */
export function sinceOf({ ratesSince }: Meta): number | undefined {
  return ratesSince === undefined ? undefined : Date.parse(ratesSince);
}

export function rangeOf({ start, end }: Meta): { startMs: number; endMs: number } {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}

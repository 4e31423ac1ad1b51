import type { Meta } from '@clover/model';

export function rangeOf({ start, end }: Meta): { startMs: number; endMs: number } {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}

import type { Meta } from '@clover/model';
import { rangeOf } from '../domain/range-of.ts';
import { clock } from '../format/time.ts';

interface LateNoteProps {
  readonly meta: Meta;
  readonly timesMs: readonly number[];
  readonly stepMs: number;
}

/** In a chart's corner: that it begins with the data, not with the range. */
export function LateNote({ meta, timesMs, stepMs }: LateNoteProps) {
  const first = timesMs[0];
  if (first === undefined || first - rangeOf(meta).startMs <= stepMs) return null;
  return (
    <span title="There are no data before: drawn from where they begin">from {clock(first)}</span>
  );
}

import { clock } from '../format/time.ts';
import { firstStep } from './late-start.ts';

interface LateNoteProps {
  readonly timesMs: readonly number[];
  readonly stepMs: number;
  readonly sinceMs: number | null | undefined;
}

/** In a chart's corner: that it begins with the data, not with the range. */
export function LateNote({ timesMs, stepMs, sinceMs }: LateNoteProps) {
  const first = firstStep(timesMs, stepMs, sinceMs);
  if (first === 0) return null;
  return (
    <span title="There are no data before: drawn from where they begin">
      from {clock(timesMs[first]!)}
    </span>
  );
}

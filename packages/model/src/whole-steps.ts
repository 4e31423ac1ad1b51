// Which steps of a series a line goes through: a step that is cut, or still fills, would seem to fall.

import type { WholeSteps } from './api/common.ts';

/** First whole step and the one after the last; all steps where none is whole. */
export function wholeRange(
  timesMs: readonly number[],
  { completeFromMs, incompleteFromMs }: WholeSteps,
): readonly [from: number, to: number] {
  const from = timesMs.findIndex((time) => time >= completeFromMs);
  const next = timesMs.findIndex((time) => time >= incompleteFromMs);
  const to = next === -1 ? timesMs.length : next;
  return from === -1 || to <= from ? [0, timesMs.length] : [from, to];
}

interface Steps extends WholeSteps {
  readonly timesMs: readonly number[];
}

/** What a sparkline shows of a series: its whole steps. */
export function wholeValues<Value>(values: readonly Value[], steps: Steps): readonly Value[] {
  return values.slice(...wholeRange(steps.timesMs, steps));
}

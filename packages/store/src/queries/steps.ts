// Time steps of a series: round widths, aligned to the clock, so that a refresh moves no boundary.

import type { WholeSteps } from '@clover/model';

const SECOND = 1000;
const NICE_STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * SECOND);

export interface Steps {
  readonly stepMs: number;
  /** Start of the first step, at or before the range's start. */
  readonly firstMs: number;
  readonly count: number;
  /** Start of each step. */
  readonly timesMs: readonly number[];
}

const MAX_STEPS = 2000;
/** A span is here so long after its end at the latest: exporters gather for a second or a few. */
const ARRIVAL_MS = 5000;

/** Which steps are whole: they lie in the range, and what began in them is here. */
export function wholeSteps(
  { firstMs, stepMs, count }: Steps,
  range: { readonly startMs: number; readonly endMs: number; readonly nowMs?: number },
): WholeSteps {
  const arrivedMs = Math.min(range.endMs, (range.nowMs ?? Number.POSITIVE_INFINITY) - ARRIVAL_MS);
  const whole = Math.min(count, Math.max(0, Math.floor((arrivedMs - firstMs) / stepMs)));
  return {
    completeFromMs: range.startMs > firstMs ? firstMs + stepMs : firstMs,
    incompleteFromMs: firstMs + whole * stepMs,
  };
}

/** Steps that cover a range: of the width asked for, or the narrowest round one that gives at most `points`. */
export function stepsOf(
  range: { readonly startMs: number; readonly endMs: number },
  options: { stepMs?: number | undefined; points?: number } = {},
): Steps {
  const length = range.endMs - range.startMs;
  const wanted = length / (options.points ?? 120);
  let stepMs =
    options.stepMs ??
    NICE_STEPS_MS.find((step) => step >= wanted) ??
    Math.ceil(wanted / 86_400_000) * 86_400_000;
  if (length / stepMs > MAX_STEPS) stepMs = Math.ceil(length / MAX_STEPS / SECOND) * SECOND;
  const firstMs = Math.floor(range.startMs / stepMs) * stepMs;
  const count = Math.max(1, Math.ceil((range.endMs - firstMs) / stepMs));
  return {
    stepMs,
    firstMs,
    count,
    timesMs: Array.from({ length: count }, (_, i) => firstMs + i * stepMs),
  };
}

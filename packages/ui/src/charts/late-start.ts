// A fresh start in a wide range: what is drawn begins with the data, not with a long nothing before them.

interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

/** Unix ms from which to draw; undefined, all of the range, unless the data begin in its last third. */
export function lateStart(
  { startMs, endMs }: Range,
  sinceMs: number | null | undefined,
): number | undefined {
  if (sinceMs === null || sinceMs === undefined || sinceMs >= endMs) return undefined;
  return (sinceMs - startMs) * 3 > (endMs - startMs) * 2 ? sinceMs : undefined;
}

/** When the first step begins in which any of the series is known; undefined when none is. */
export function firstKnownMs(
  timesMs: readonly number[],
  series: readonly (readonly (number | null)[])[],
): number | undefined {
  return timesMs.find((_, index) =>
    series.some((values) => values[index] !== null && values[index] !== undefined),
  );
}

/** Index of the first step to draw; at least two are drawn. */
export function firstStep(
  timesMs: readonly number[],
  stepMs: number,
  sinceMs: number | null | undefined,
): number {
  const startMs = timesMs[0];
  if (startMs === undefined) return 0;
  const late = lateStart({ startMs, endMs: timesMs.at(-1)! + stepMs }, sinceMs);
  if (late === undefined) return 0;
  const first = timesMs.findIndex((time) => time + stepMs > late);
  return Math.max(0, Math.min(first, timesMs.length - 2));
}

/** For sparklines of equal steps over a range: from where the data begin, without the step that still runs. */
export function wholeSteps<Value>(
  values: readonly Value[],
  range: Range,
  sinceMs: number | null | undefined,
): readonly Value[] {
  const stepMs = (range.endMs - range.startMs) / Math.max(1, values.length);
  const timesMs = values.map((_, index) => range.startMs + index * stepMs);
  return values.slice(firstStep(timesMs, stepMs, sinceMs), -1);
}

// Times from and until which something is meant, and lists of them: ascending, not overlapping. Pure.

/** Unix ms, half-open. */
export interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** The same times in ascending ranges that neither overlap nor touch. */
export function joinedRanges(ranges: readonly Range[]): Range[] {
  const joined: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of ranges.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else joined.push({ startMs, endMs });
  }
  return joined;
}

/** What ranges have beside the given parts. */
export function gapsBetween(ranges: readonly Range[], parts: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  for (const range of ranges) {
    let from = range.startMs;
    for (const one of parts) {
      if (one.endMs <= from) continue;
      if (one.startMs >= range.endMs) break;
      if (one.startMs > from) gaps.push({ startMs: from, endMs: one.startMs });
      from = one.endMs;
    }
    if (from < range.endMs) gaps.push({ startMs: from, endMs: range.endMs });
  }
  return gaps;
}

export const sameRanges = (a: readonly Range[], b: readonly Range[]): boolean =>
  a.length === b.length &&
  a.every(({ startMs, endMs }, at) => startMs === b[at]!.startMs && endMs === b[at]!.endMs);

/** The minutes (unix ms) of a range of whole minutes. */
export function minutesOf({ startMs, endMs }: Range): number[] {
  return Array.from(
    { length: (endMs - startMs) / MINUTE_MS },
    (_, index) => startMs + index * MINUTE_MS,
  );
}

export const minuteRange = (minute: number): Range => ({
  startMs: minute,
  endMs: minute + MINUTE_MS,
});

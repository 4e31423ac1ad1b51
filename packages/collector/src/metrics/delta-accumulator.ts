// Delta points become cumulative ones: Prometheus' model has no deltas. One running total a series,
// kept across requests, the longest unused series dropped first when there are too many.

/** What is added up: named parts of one point (a value, or a histogram's buckets, sum and count). */
export type Parts = ReadonlyMap<string | number, number>;

export interface DeltaAccumulator {
  /**
   * The totals with `parts` added; undefined when the point is older than the newest one of its
   * series. The same point again (a retried request) gives the same totals again.
   */
  add(series: string, timeUnixNano: bigint, parts: Parts): Parts | undefined;
  readonly size: number;
}

/** Keeps at most `maxSeries` running totals (default 100,000). */
export function createDeltaAccumulator(options: { maxSeries?: number } = {}): DeltaAccumulator {
  const maxSeries = options.maxSeries ?? 100_000;
  const totals = new Map<string, { time: bigint; parts: Parts }>();
  return {
    add(series, timeUnixNano, parts) {
      const known = totals.get(series);
      if (known !== undefined) {
        if (timeUnixNano < known.time) return undefined;
        if (timeUnixNano === known.time) return known.parts;
        totals.delete(series); // to the end of the order: it was used just now
      } else if (totals.size >= maxSeries) {
        for (const oldest of totals.keys()) {
          totals.delete(oldest);
          break;
        }
      }
      const sum = new Map(known?.parts);
      for (const [name, value] of parts) sum.set(name, (sum.get(name) ?? 0) + value);
      totals.set(series, { time: timeUnixNano, parts: sum });
      return sum;
    },
    get size() {
      return totals.size;
    },
  };
}

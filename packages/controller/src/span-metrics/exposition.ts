// Prometheus' text format, the little of it that is needed.

export type Labels = Readonly<Record<string, string>>;

/** `{a="b"}`, values escaped; empty for no labels. */
export function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

export function header(
  out: string[],
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
): void {
  out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

/** One series of a histogram: `bins` per bound and one above the last, not cumulated; bounds and sum in seconds. */
export function histogramSeries(
  out: string[],
  name: string,
  labels: Labels,
  value: {
    readonly bounds: readonly number[];
    readonly bins: ArrayLike<number>;
    readonly sum: number;
  },
): void {
  const inside = labelText(labels).slice(1, -1);
  let total = 0;
  value.bounds.forEach((bound, index) => {
    total += value.bins[index]!;
    out.push(`${name}_bucket{${inside}${inside && ','}le="${bound}"} ${total}`);
  });
  total += value.bins[value.bounds.length]!;
  out.push(
    `${name}_bucket{${inside}${inside && ','}le="+Inf"} ${total}`,
    `${name}_sum{${inside}} ${value.sum}`,
    `${name}_count{${inside}} ${total}`,
  );
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

import type { MetricType } from '@clover/model';

/** What the metadata lines of an exposition say about one metric family. */
export interface MetricFamily {
  type: MetricType;
  unit: string;
  help: string;
}

const TYPES: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
  unknown: 'unknown',
  info: 'gauge',
  stateset: 'gauge',
};

/** The type that a TYPE line names, or undefined when there is no such type. */
export function metricType(text: string): MetricType | undefined {
  return Object.hasOwn(TYPES, text) ? TYPES[text] : undefined;
}

/** Which suffixes of a sample's name belong to which kinds of family. */
const SUFFIXES: readonly (readonly [string, readonly MetricType[]])[] = [
  ['_bucket', ['histogram']],
  ['_sum', ['histogram', 'summary']],
  ['_count', ['histogram', 'summary']],
  ['_total', ['counter']],
  ['_created', ['counter', 'histogram', 'summary']],
  ['_gcount', ['histogram']],
  ['_gsum', ['histogram']],
  ['_info', ['gauge']],
];

/** The family of a sample's name: its own, or that of its name without a suffix which the family's type has. */
export function familyOf(
  name: string,
  families: ReadonlyMap<string, MetricFamily>,
): MetricFamily | undefined {
  const own = families.get(name);
  if (own !== undefined) return own;
  for (const [suffix, types] of SUFFIXES) {
    if (!name.endsWith(suffix)) continue;
    const family = families.get(name.slice(0, -suffix.length));
    if (family !== undefined && types.includes(family.type)) return family;
  }
  return undefined;
}

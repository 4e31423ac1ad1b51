// Prometheus' text format, a family at a time.
// https://prometheus.io/docs/instrumenting/exposition_formats/

import { LE, readHistogram } from './histogram.ts';

/** `name="value",…` with values escaped. */
export function labels(list: readonly (readonly [string, string])[]): string {
  return list.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',');
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

export interface Sample {
  readonly labels: string;
  readonly value: number;
}

/** One family of counters or gauges; '' when it has no samples. */
export function family(
  name: string,
  type: 'counter' | 'gauge',
  samples: Iterable<Sample>,
  help = '',
): string {
  let text = '';
  for (const { labels: of, value } of samples) text += `${name}{${of}} ${value}\n`;
  const what = help === '' ? '' : `# HELP ${name} ${help}\n`;
  return text === '' ? '' : `${what}# TYPE ${name} ${type}\n${text}`;
}

export interface HistogramSample {
  readonly labels: string;
  readonly values: Float64Array;
  readonly start: number;
}

/** One family of histograms; those without a value are left out, '' when none is left. */
export function histogramFamily(name: string, samples: Iterable<HistogramSample>): string {
  let text = '';
  for (const { labels: of, values, start } of samples) {
    const { buckets, sum, count } = readHistogram(values, start);
    if (count === 0) continue;
    const before = of === '' ? '' : `${of},`;
    for (const [n, le] of LE.entries())
      text += `${name}_bucket{${before}le="${le}"} ${buckets[n]}\n`;
    text += `${name}_sum{${of}} ${sum}\n${name}_count{${of}} ${count}\n`;
  }
  return text === '' ? '' : `# TYPE ${name} histogram\n${text}`;
}

/** Families with the sums and counts of their histograms only, as summaries: a small part of the text. */
export function withoutBuckets(text: string): string {
  return text
    .replaceAll(/^\w+_bucket\{.*\n/gm, '')
    .replaceAll(/^(# TYPE \w+) histogram$/gm, '$1 summary');
}

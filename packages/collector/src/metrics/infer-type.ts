import type { MetricType } from '@clover/model';

/** The type that a series' name and labels suggest where no metadata says it; unknown for all else. */
export function inferType(name: string, labels: Readonly<Record<string, string>>): MetricType {
  if (name.endsWith('_total')) return 'counter';
  if (name.endsWith('_bucket') && labels.le !== undefined) return 'histogram';
  return 'unknown';
}

// The formats of one run in one place: what people read on this terminal, or what a pipe gets.
import { formatBytes, formatCount, formatDuration, formatRate, formatRatio } from './numbers.ts';
import { sparkline } from './sparkline.ts';
import { formatTime, nanoToMs } from './times.ts';

export interface Figures {
  readonly unicode: boolean;
  count(value: number): string;
  rate(perSecond: number): string;
  duration(ns: number | null | undefined): string;
  ratio(value: number | null): string;
  bytes(value: number): string;
  /** RFC 3339 text, `…UnixNano` text or unix ms; empty for null. */
  time(value: string | number | null): string;
  spark(values: readonly (number | null)[], width?: number): string;
}

/** What stands where there is no value. */
export const NONE = '-';

export function createFigures(options: {
  readonly machine: boolean;
  readonly unicode: boolean;
  readonly nowMs: number;
}): Figures {
  const { unicode } = options;
  return {
    unicode,
    count: formatCount,
    rate: formatRate,
    duration: (ns) =>
      ns === null || ns === undefined ? NONE : formatDuration(ns, unicode ? 'µs' : 'us'),
    ratio: (value) => (value === null ? NONE : formatRatio(value)),
    bytes: formatBytes,
    time(value) {
      if (value === null || value === '') return NONE;
      if (typeof value === 'number') return formatTime(value, options);
      return formatTime(/^\d+$/.test(value) ? nanoToMs(value) : Date.parse(value), options);
    },
    spark: (values, width) => (unicode ? sparkline(values, width) : ''),
  };
}

/** How times are written: RFC 3339 for programs, local and short for people. */
export interface TimeFormat {
  readonly machine: boolean;
  readonly nowMs: number;
}

/** RFC 3339 in UTC with milliseconds, or `14:03:07`, with the date when that is another day. */
export function formatTime(unixMs: number, format: TimeFormat): string {
  const date = new Date(unixMs);
  if (Number.isNaN(date.getTime())) return '';
  if (format.machine) return date.toISOString();
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const now = new Date(format.nowMs);
  if (date.toDateString() === now.toDateString()) return clock;
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${date.getFullYear() === now.getFullYear() ? '' : `${date.getFullYear()}-`}${day} ${clock}`;
}

/** Milliseconds of `…UnixNano` text. */
export const nanoToMs = (unixNano: string): number => Number(BigInt(unixNano) / 1000n) / 1000;

const two = (value: number): string => String(value).padStart(2, '0');

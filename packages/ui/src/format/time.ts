const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/** Local wall-clock time: `14:02:31`. */
export function clock(ms: number): string {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** `14:02:31.250` */
export function clockMs(ms: number): string {
  return `${clock(ms)}.${pad(new Date(ms).getMilliseconds(), 3)}`;
}

/** Date and time with the zone, for titles. */
export function full(ms: number): string {
  return new Date(ms).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'long',
    hourCycle: 'h23',
  });
}

/** `Nov 23 14:02`; the year when it is another. */
export function day(ms: number): string {
  const date = new Date(ms);
  const month = date.toLocaleString('en-US', { month: 'short' });
  const year = date.getFullYear() === new Date().getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${month} ${date.getDate()}${year} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** `just now`, `12 s ago`, `4 min ago`; date and time beyond an hour. */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.round((nowMs - ms) / 1000);
  if (seconds < 3) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  return day(ms);
}

/** Labels of a time axis: the shorter the range, the finer. */
export function axisLabel(ms: number, rangeMs: number): string {
  if (rangeMs <= 5000) return clockMs(ms);
  if (rangeMs <= 10 * 60_000) return clock(ms);
  if (rangeMs <= 24 * 3_600_000) return clock(ms).slice(0, 5);
  return day(ms);
}

export function rangeLabel(startMs: number, endMs: number): string {
  const sameDay = new Date(startMs).toDateString() === new Date(endMs).toDateString();
  return `${day(startMs)} – ${sameDay ? clock(endMs).slice(0, 5) : day(endMs)}`;
}

import { CloverError } from './errors.ts';

const UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86400e3,
  w: 604800e3,
};

/** `15m`, `1h30m`, `250ms` as milliseconds. Throws CloverError `time.bad_duration`. */
export function parseDurationMs(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/gy)];
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  if (parts.length === 0 || length !== text.trim().length) {
    throw new CloverError('time.bad_duration', `"${text}" is not a duration`, {
      hint: 'write a number and a unit: 250ms, 30s, 15m, 2h, 7d',
      status: 400,
    });
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * UNITS_MS[part[2] as string]!, 0);
}

/** A time as unix milliseconds: RFC 3339, unix ms, `now`, `now-15m`. Throws CloverError `time.bad_time`. */
export function parseTimeMs(text: string, nowMs: number): number {
  const trimmed = text.trim();
  if (/^\d{10,14}$/.test(trimmed))
    return trimmed.length <= 11 ? Number(trimmed) * 1000 : Number(trimmed);
  if (trimmed === 'now') return nowMs;
  if (trimmed.startsWith('now-')) return nowMs - parseDurationMs(trimmed.slice(4));
  const parsed = Date.parse(trimmed);
  if (/^\d{4}-\d\d-\d\d/.test(trimmed) && !Number.isNaN(parsed)) return parsed;
  throw new CloverError('time.bad_time', `"${text}" is not a time`, {
    hint: 'write RFC 3339 (2026-01-31T12:00:00Z), unix milliseconds, now or now-15m',
    status: 400,
  });
}

/** Half-open [startMs, endMs). */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

const MINUTE_MS = 60_000;
/** Relative ranges from here on begin at a whole minute: their answers come from per-minute windows. */
const SNAPPED_FROM_MS = 5 * MINUTE_MS;

/**
 * The range a query names; the last 15 minutes when it names none. A relative range of five minutes or more begins at
 * the start of a minute. Throws CloverError `time.bad_time`, `time.bad_duration`, `time.empty_range`.
 */
export function parseTimeRange(
  query: { start?: string | undefined; end?: string | undefined; since?: string | undefined },
  nowMs: number,
): TimeRange {
  const endMs = query.end === undefined ? nowMs : parseTimeMs(query.end, nowMs);
  const startMs =
    query.start === undefined
      ? relativeStart(endMs, parseDurationMs(query.since ?? '15m'))
      : parseTimeMs(query.start, nowMs);
  if (startMs >= endMs) {
    throw new CloverError('time.empty_range', 'the time range is empty: start is not before end', {
      hint: 'check start, end and since',
      status: 400,
    });
  }
  return { startMs, endMs };
}

function relativeStart(endMs: number, lengthMs: number): number {
  const start = endMs - lengthMs;
  return lengthMs < SNAPPED_FROM_MS ? start : Math.floor(start / MINUTE_MS) * MINUTE_MS;
}

/** How long something lasts or is past, for people: `12 s`, `5 min`, `3 h`, `4 days`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

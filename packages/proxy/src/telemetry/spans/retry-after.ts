// When to try again after an OTLP answer that says "later".
// https://opentelemetry.io/docs/specs/otlp/#failures-1, RFC 9110 section 10.2.3

/** The statuses that OTLP names as worth another try; others mean that this batch will never do. */
export function isRetryable(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** Milliseconds to wait: what `Retry-After` says (seconds or a date), at most `maxMs`; else undefined. */
export function retryAfterMs(
  header: string | undefined,
  nowMs: number,
  maxMs: number,
): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(wait) ? undefined : Math.min(maxMs, Math.max(0, wait));
}

/** Exponential from 100 ms to `maxMs`, with up to half of it left to chance so that many do not come at once. */
export function backoffMs(attempt: number, random: () => number, maxMs: number): number {
  const full = Math.min(maxMs, 100 * 2 ** Math.min(attempt, 20));
  return full * (0.5 + random() / 2);
}

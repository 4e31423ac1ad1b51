// Slow start: an endpoint that has just become healthy gets less than its weight, more with time.

import type { Warmup } from '@clover/traffic';
import type { UpstreamEndpoint } from '../upstream-endpoint.ts';

/** The part of its weight that an endpoint has at a time: `max(minimum, (age / duration) ^ (1 / aggression))`. */
export function warmupFactor(warmup: Warmup, healthySinceMs: number, nowMs: number): number {
  const ageMs = nowMs - healthySinceMs;
  if (ageMs >= warmup.durationMs) return 1;
  const ratio = Math.max(1, ageMs) / warmup.durationMs;
  const aggression = warmup.aggression > 0 ? warmup.aggression : 1;
  return Math.max(aggression === 1 ? ratio : ratio ** (1 / aggression), warmup.minimumRatio);
}

/** When the last of the endpoints will have its full weight; -Infinity without any. */
export function warmUntilMs(
  warmup: Warmup | undefined,
  endpoints: readonly UpstreamEndpoint[],
): number {
  let until = -Infinity;
  if (warmup)
    for (const one of endpoints) until = Math.max(until, one.healthySinceMs + warmup.durationMs);
  return until;
}

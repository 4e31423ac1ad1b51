// Which endpoints may be picked: the healthy ones, or all of them in a panic.

import type { UpstreamEndpoint } from './upstream-endpoint.ts';

const OVERPROVISIONING_PERCENT = 140;

/**
 * All endpoints when fewer than `panicPercent` are healthy. As in Envoy there is no panic while the
 * healthy ones times 1.4 cover all, which is from 72 % on; 0 turns panic off.
 */
export function selectable(
  endpoints: readonly UpstreamEndpoint[],
  panicPercent: number,
): readonly UpstreamEndpoint[] {
  const healthy = endpoints.filter((one) => one.healthy);
  if (panicPercent <= 0 || healthy.length === endpoints.length) return healthy;
  const availability = Math.trunc((OVERPROVISIONING_PERCENT * healthy.length) / endpoints.length);
  if (availability >= 100) return healthy;
  const threshold = Math.min(100, panicPercent);
  const percent = (100 * healthy.length) / endpoints.length;
  return availability === 0 || percent < threshold ? endpoints : healthy;
}

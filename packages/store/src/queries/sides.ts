// On which side of a call a span stands and whether it failed: one definition in SQL for every
// analysis and for the rollups. The kind decides; direction (what a proxy said) only where the kind
// is unspecified or internal, because a gateway's server span names an outbound cluster too. The columns
// are worked out when a span is inserted; the migrations have their definitions.

/** Server-side: kind server or consumer, or inbound by direction where the kind does not say. */
export const SERVER_SIDE = '(server_side = 1)';

/** Client-side: kind client or producer, or outbound by direction where the kind does not say. */
export const CLIENT_SIDE = '(client_side = 1)';

/** Failed: HTTP 5xx, or status error unless it is a client's 4xx; the model's isFailed is the same rule. */
export const FAILED = '(is_failed = 1)';

export type Side = 'server' | 'client' | 'all';

/** The condition for a side, `1` for every span; also for rows of windows, which have kind and direction only. */
export function sideCondition(side: Side): string {
  if (side === 'server') return '(kind IN (2, 5) OR (direction = 1 AND kind NOT IN (3, 4)))';
  return side === 'client' ? '(kind IN (3, 4) OR (direction = 2 AND kind NOT IN (2, 5)))' : '1';
}

// What one way in has taken and refused: for the Sources page and /metrics.

import type { Signal } from '@clover/model';
import { SYSTEM_CLOCK, type Clock } from './queue-limits.ts';

export interface SourceSnapshot {
  readonly id: string;
  readonly address: string;
  readonly acceptedSpans: number;
  readonly acceptedPoints: number;
  readonly requests: number;
  /** By signal: spans or points, and requests that could not be read as one each. */
  readonly refused: readonly {
    readonly signal: Signal;
    readonly reason: string;
    readonly count: number;
  }[];
  readonly spansPerSecond: number;
  readonly pointsPerSecond: number;
  /** Age of the newest item when it arrived; null when nothing came yet. */
  readonly lagMs: number | null;
  readonly lastSeenMs: number | null;
  readonly lastError: string | null;
}

export interface SourceMeter {
  accept(items: { spans?: number; points?: number; newestUnixMs?: number }): void;
  /** `signal` is the meter's own when not given. */
  refuse(reason: string, count: number, message?: string, signal?: Signal): void;
  snapshot(address?: string): SourceSnapshot;
}

/** Told of every refusal, for whoever keeps them. */
export type OnRefusal = (row: {
  timeMs: number;
  source: string;
  signal: Signal;
  reason: string;
  count: number;
}) => void;

const RATE_WINDOW_S = 10;

/** Counts since the start; rates are means over the last 10 whole seconds. */
export function createSourceMeter(options: {
  id: string;
  /** What comes in here as a rule; traces when not given. */
  signal?: Signal;
  clock?: Clock;
  onRefusal?: OnRefusal | undefined;
}): SourceMeter {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const refused = new Map<string, { signal: Signal; reason: string; count: number }>();
  const spans = createRate();
  const points = createRate();
  let requests = 0;
  let lagMs: number | null = null;
  let lastSeenMs: number | null = null;
  let lastError: string | null = null;

  return {
    accept(items) {
      const now = clock.now();
      requests++;
      lastSeenMs = now;
      spans.add(items.spans ?? 0, now);
      points.add(items.points ?? 0, now);
      if (items.newestUnixMs) lagMs = Math.max(0, now - items.newestUnixMs);
    },
    refuse(reason, count, message, signal = options.signal ?? 'traces') {
      const now = clock.now();
      lastSeenMs = now;
      const key = `${signal}\0${reason}`;
      const known = refused.get(key);
      if (known) known.count += count;
      else refused.set(key, { signal, reason, count });
      if (message !== undefined) lastError = message.slice(0, 500);
      options.onRefusal?.({ timeMs: now, source: options.id, signal, reason, count });
    },
    snapshot: (address = '') => ({
      id: options.id,
      address,
      acceptedSpans: spans.total(),
      acceptedPoints: points.total(),
      requests,
      refused: [...refused.values()].map((one) => ({ ...one })),
      spansPerSecond: spans.perSecond(clock.now()),
      pointsPerSecond: points.perSecond(clock.now()),
      lagMs,
      lastSeenMs,
      lastError,
    }),
  };
}

/** A ring of whole seconds; the running one does not count yet. */
function createRate() {
  const counts = new Float64Array(RATE_WINDOW_S + 1);
  const seconds = new Float64Array(RATE_WINDOW_S + 1).fill(-1);
  let total = 0;
  return {
    add(count: number, nowMs: number): void {
      total += count;
      const second = Math.floor(nowMs / 1000);
      const slot = second % counts.length;
      if (seconds[slot] !== second) {
        seconds[slot] = second;
        counts[slot] = 0;
      }
      counts[slot]! += count;
    },
    perSecond(nowMs: number): number {
      const now = Math.floor(nowMs / 1000);
      let sum = 0;
      for (let slot = 0; slot < counts.length; slot++) {
        const second = seconds[slot]!;
        if (second < now && second >= now - RATE_WINDOW_S) sum += counts[slot]!;
      }
      return sum / RATE_WINDOW_S;
    },
    total: () => total,
  };
}

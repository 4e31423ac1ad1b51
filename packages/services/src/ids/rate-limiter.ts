// threshold and detection_filter: how many of a rule's matches raise an alert.

import type { Rule } from './rule.ts';

export interface RateLimiter {
  /** Counts a match; whether it is one to tell of. */
  tells(rule: Rule, source: string, destination: string, nowMs: number): boolean;
}

interface Count {
  startMs: number;
  matches: number;
}

/** Addresses remembered; the oldest are forgotten first, and count anew. */
const MOST = 50_000;

/** Snort's periods: one begins with the first match and ends `seconds` later. */
export function createRateLimiter(): RateLimiter {
  const counts = new Map<string, Count>();
  return {
    tells({ rate, gid, sid }, source, destination, nowMs) {
      if (!rate) return true;
      const key = `${gid}:${sid} ${rate.track === 'by_src' ? source : destination}`;
      let count = counts.get(key);
      if (!count || nowMs - count.startMs >= rate.seconds * 1000) {
        counts.delete(key);
        counts.set(key, (count = { startMs: nowMs, matches: 0 }));
        const oldest = counts.keys().next().value;
        if (counts.size > MOST && oldest !== undefined) counts.delete(oldest);
      }
      count.matches++;
      switch (rate.type) {
        case 'limit':
          return count.matches <= rate.count;
        case 'threshold':
          return count.matches % rate.count === 0;
        case 'both':
          return count.matches === rate.count;
        case 'detection_filter':
          return count.matches > rate.count;
      }
    },
  };
}

// Envoy's outlier detection with what Istio turns on of it (source/common/upstream/outlier_detection_impl.cc):
// consecutive failures eject, the interval restores. Time is given, so that it can be tested.

import type { OutlierPolicy } from '@clover/traffic';
import { LOCAL_ORIGIN } from './cluster.ts';
import type { UpstreamEndpoint } from './upstream-endpoint.ts';

export interface OutlierDetector {
  /** Counts what became of a request: a status or one of `LOCAL_ORIGIN`. True when the endpoint was ejected for it. */
  report(endpoint: UpstreamEndpoint, result: number, nowMs: number): boolean;
  /** To be called every `intervalMs`: brings back those whose time is over. True when any came back. */
  tick(endpoints: readonly UpstreamEndpoint[], nowMs: number): boolean;
  /** Takes an ejection back at once, as after a passed health check. */
  restore(endpoint: UpstreamEndpoint, nowMs: number): void;
  /** An endpoint that is gone. */
  forget(endpoint: UpstreamEndpoint): void;
  /** How many endpoints there are in all, ejected ones too: what the percentage is of. */
  size: number;
  readonly ejections: { active: number; total: number; overflow: number };
}

export function createOutlierDetector(policy: OutlierPolicy, size: number): OutlierDetector {
  const ejections = { active: 0, total: 0, overflow: 0 };

  /** Only while the ejected share stays within the limit: 10 % of fewer than ten endpoints is none. */
  function eject(endpoint: UpstreamEndpoint, nowMs: number): boolean {
    if (endpoint.ejected) return false;
    const percent = (100 * (ejections.active + 1)) / detector.size;
    if (percent > policy.maxEjectionPercent) {
      ejections.overflow++;
      return false;
    }
    ejections.active++;
    ejections.total++;
    endpoint.ejected = true;
    endpoint.ejectedAtMs = nowMs;
    const { ejectionMultiplier: multiplier } = endpoint;
    if (multiplier * policy.baseEjectionMs < policy.maxEjectionMs + policy.baseEjectionMs)
      endpoint.ejectionMultiplier++;
    return true;
  }

  function status(endpoint: UpstreamEndpoint, code: number, nowMs: number): boolean {
    if (code < 500) {
      endpoint.errors5xx = 0;
      endpoint.errorsGateway = 0;
      return false;
    }
    let ejected = false;
    if (code === 502 || code === 503 || code === 504) {
      if (++endpoint.errorsGateway === policy.consecutiveGateway) {
        ejected = eject(endpoint, nowMs);
        endpoint.errorsGateway = 0;
      }
    } else endpoint.errorsGateway = 0;
    if (++endpoint.errors5xx === policy.consecutive5xx) {
      ejected = eject(endpoint, nowMs) || ejected;
      endpoint.errors5xx = 0;
    }
    return ejected;
  }

  /** A connection that was made ends a row of local failures; what came after may begin a new one. */
  function localFailure(endpoint: UpstreamEndpoint, result: number, nowMs: number): boolean {
    if (result !== LOCAL_ORIGIN.connect) endpoint.errorsLocalOrigin = 0;
    if (++endpoint.errorsLocalOrigin !== policy.consecutiveLocalOrigin) return false;
    const ejected = eject(endpoint, nowMs);
    endpoint.errorsLocalOrigin = 0;
    return ejected;
  }

  const detector: OutlierDetector = {
    size,
    ejections,
    report(endpoint, result, nowMs) {
      if (result < 0) {
        return policy.splitLocalOrigin
          ? localFailure(endpoint, result, nowMs)
          : status(endpoint, result === LOCAL_ORIGIN.timeout ? 504 : 503, nowMs);
      }
      if (policy.splitLocalOrigin) endpoint.errorsLocalOrigin = 0;
      if (!policy.errorCodes) return status(endpoint, result, nowMs);
      const failed = policy.splitLocalOrigin ? 503 : 500;
      return status(endpoint, policy.errorCodes.has(result) ? failed : 200, nowMs);
    },
    tick(endpoints, nowMs) {
      let restored = false;
      for (const one of endpoints) {
        if (!one.ejected) continue;
        if (nowMs - one.ejectedAtMs < ejectionMs(policy, one)) continue;
        detector.restore(one, nowMs);
        restored = true;
      }
      for (const one of endpoints) {
        if (one.ejected || one.restoredAtMs === undefined || one.ejectionMultiplier === 0) continue;
        if (nowMs - one.restoredAtMs >= policy.intervalMs) one.ejectionMultiplier--;
      }
      return restored;
    },
    restore(endpoint, nowMs) {
      if (!endpoint.ejected) return;
      ejections.active--;
      endpoint.ejected = false;
      endpoint.errors5xx = 0;
      endpoint.errorsGateway = 0;
      endpoint.errorsLocalOrigin = 0;
      endpoint.restoredAtMs = nowMs;
    },
    forget(endpoint) {
      if (!endpoint.ejected) return;
      endpoint.ejected = false;
      ejections.active--;
    },
  };
  return detector;
}

/** How long it stays ejected, before the next interval brings it back. */
export function ejectionMs(
  policy: OutlierPolicy,
  { ejectionMultiplier }: UpstreamEndpoint,
): number {
  return Math.min(policy.baseEjectionMs * ejectionMultiplier, policy.maxEjectionMs);
}

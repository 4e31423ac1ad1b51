// What a DestinationRule says about one port of one subset, in plain numbers with Istio's defaults
// filled in: what a data plane enforces for a destination.

import { parseDurationMs } from '@clover/model';
import { findSubset } from './destination-rules.ts';
import type { DestinationRule } from './resource.ts';
import {
  resolvePolicy,
  type ClientTlsSpec,
  type ConnectionPoolSpec,
  type ConsistentHashSpec,
  type LoadBalancerSpec,
  type OutlierDetectionSpec,
  type RetryBudgetSpec,
  type TrafficPolicySpec,
} from './traffic-policy.ts';

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0: no limit. */
  readonly maxConnectionDurationMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** In the place of `maxRetries` when it is there. */
  readonly retryBudget?: RetryBudget;
}

/** How many retries may be under way, by how many requests are. */
export interface RetryBudget {
  /** Of the requests that are under way or wait for a connection. */
  readonly percent: number;
  /** So many at least. */
  readonly minRetryConcurrency: number;
}

export type HashKey =
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      readonly path: string;
      /** Undefined: a request without the cookie gets none. 0: a session cookie. */
      readonly ttlSeconds: number | undefined;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly kind: 'sourceIp' }
  | { readonly kind: 'queryParameter'; readonly name: string };

export interface Warmup {
  readonly durationMs: number;
  readonly aggression: number;
  /** Least share of the full weight, 0..1. */
  readonly minimumRatio: number;
}

export type LoadBalancing =
  | { readonly kind: 'leastRequest'; readonly warmup: Warmup | undefined }
  | { readonly kind: 'roundRobin'; readonly warmup: Warmup | undefined }
  | { readonly kind: 'random' }
  | { readonly kind: 'passthrough' }
  | { readonly kind: 'ringHash'; readonly key: HashKey | undefined; readonly minimumSize: number }
  | { readonly kind: 'maglev'; readonly key: HashKey | undefined; readonly tableSize: number };

export interface OutlierPolicy {
  /** Thresholds of 0 are off. */
  readonly consecutive5xx: number;
  readonly consecutiveGateway: number;
  readonly consecutiveLocalOrigin: number;
  readonly splitLocalOrigin: boolean;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
  readonly maxEjectionPercent: number;
  /** When given, these statuses and no others are failures. */
  readonly errorCodes: ReadonlySet<number> | undefined;
}

export interface ClusterPolicy {
  readonly limits: ConnectionLimits;
  readonly loadBalancing: LoadBalancing;
  readonly outlier: OutlierPolicy | undefined;
  /** Below this share of healthy endpoints all are used; 0 is off. Istio's `minHealthPercent`. */
  readonly panicPercent: number;
  readonly tls: ClientTlsSpec | undefined;
  readonly http2: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
  /** Milliseconds of quiet before TCP keep-alive; undefined leaves the system's setting. */
  readonly keepAliveMs: number | undefined;
}

const UNLIMITED = 2 ** 32 - 1;
const MAX_EJECTION_MS = 300_000;

/** The policy of a port and subset; `subset` is '' for the service as a whole, and an unknown subset has the top-level policy. */
export function clusterPolicy(
  rule: DestinationRule | undefined,
  subset: string,
  port: number,
): ClusterPolicy {
  const top = rule?.spec.trafficPolicy as TrafficPolicySpec | undefined; // checked when it was read
  const own = subset === '' ? undefined : findSubset(rule, subset)?.trafficPolicy;
  const blocks = resolvePolicy(top, own as TrafficPolicySpec | undefined, port);
  const outlier = blocks.outlierDetection;
  return {
    limits: {
      ...connectionLimits(blocks.connectionPool),
      ...(blocks.retryBudget && { retryBudget: retryBudget(blocks.retryBudget) }),
    },
    loadBalancing: loadBalancing(blocks.loadBalancer),
    outlier: outlier && outlierPolicy(outlier),
    panicPercent: Math.max(0, outlier?.minHealthPercent ?? 0),
    tls: blocks.tls,
    http2: blocks.connectionPool?.http?.h2UpgradePolicy ?? 'DEFAULT',
    keepAliveMs: keepAliveMs(blocks.connectionPool),
  };
}

/** 0 and absent mean the same to Istio: no limit. */
function connectionLimits(pool: ConnectionPoolSpec | undefined): ConnectionLimits {
  const { tcp, http } = pool ?? {};
  return {
    connectTimeoutMs: duration(tcp?.connectTimeout) ?? 10_000,
    idleTimeoutMs: duration(http?.idleTimeout) ?? duration(tcp?.idleTimeout) ?? 3_600_000,
    maxConnectionDurationMs: duration(tcp?.maxConnectionDuration) ?? 0,
    maxRequestsPerConnection: http?.maxRequestsPerConnection ?? 0,
    maxConnections: tcp?.maxConnections || UNLIMITED,
    maxPendingRequests: http?.http1MaxPendingRequests || UNLIMITED,
    maxRequests: http?.http2MaxRequests || UNLIMITED,
    maxRetries: http?.maxRetries || UNLIMITED,
  };
}

/** 0 and absent mean the same for the least number, not for the share. */
const retryBudget = ({ percent, minRetryConcurrency }: RetryBudgetSpec): RetryBudget => ({
  percent: percent ?? 20,
  minRetryConcurrency: minRetryConcurrency || 3,
});

function keepAliveMs(pool: ConnectionPoolSpec | undefined): number | undefined {
  const keepAlive = pool?.tcp?.tcpKeepalive;
  return keepAlive && (duration(keepAlive.time) ?? 7_200_000);
}

function loadBalancing(spec: LoadBalancerSpec | undefined): LoadBalancing {
  const hash = spec?.consistentHash;
  if (hash) {
    const key = hashKey(hash);
    if (hash.maglev) return { kind: 'maglev', key, tableSize: hash.maglev.tableSize || 65_537 };
    const minimumSize = hash.ringHash?.minimumRingSize || hash.minimumRingSize || 1024;
    return { kind: 'ringHash', key, minimumSize };
  }
  switch (spec?.simple) {
    case 'RANDOM':
      return { kind: 'random' };
    case 'PASSTHROUGH':
      return { kind: 'passthrough' };
    case 'ROUND_ROBIN':
      return { kind: 'roundRobin', warmup: warmupOf(spec) };
    default:
      return { kind: 'leastRequest', warmup: warmupOf(spec) };
  }
}

function warmupOf(spec: LoadBalancerSpec | undefined): Warmup | undefined {
  const durationMs = duration(spec?.warmup?.duration ?? spec?.warmupDurationSecs);
  if (!durationMs) return undefined;
  return {
    durationMs,
    aggression: spec?.warmup?.aggression ?? 1,
    minimumRatio: (spec?.warmup?.minimumPercent ?? 10) / 100,
  };
}

function hashKey(spec: ConsistentHashSpec): HashKey | undefined {
  if (spec.httpHeaderName) return { kind: 'header', name: spec.httpHeaderName.toLowerCase() };
  if (spec.httpCookie) {
    const { name, path = '', ttl, attributes = [] } = spec.httpCookie;
    return {
      kind: 'cookie',
      name,
      path,
      ttlSeconds: ttl === undefined ? undefined : Math.trunc(parseDurationMs(ttl) / 1000),
      attributes: attributes.map((one) => ({ name: one.name, value: one.value ?? '' })),
    };
  }
  if (spec.useSourceIp) return { kind: 'sourceIp' };
  return spec.httpQueryParameterName
    ? { kind: 'queryParameter', name: spec.httpQueryParameterName }
    : undefined;
}

function outlierPolicy(spec: OutlierDetectionSpec): OutlierPolicy {
  const baseEjectionMs = duration(spec.baseEjectionTime) ?? 30_000;
  const splitLocalOrigin = spec.splitExternalLocalOriginErrors ?? false;
  const codes = spec.outlierDetectionHttpErrorCodes;
  return {
    consecutive5xx: spec.consecutive5xxErrors ?? 5,
    consecutiveGateway: spec.consecutiveGatewayErrors ?? 0,
    consecutiveLocalOrigin: splitLocalOrigin ? spec.consecutiveLocalOriginFailures || 5 : 0,
    splitLocalOrigin,
    intervalMs: duration(spec.interval) ?? 10_000,
    baseEjectionMs,
    maxEjectionMs: Math.max(MAX_EJECTION_MS, baseEjectionMs),
    maxEjectionPercent: Math.min(100, spec.maxEjectionPercent || 10),
    errorCodes: codes && codes.length > 0 ? new Set(codes) : undefined,
  };
}

function duration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDurationMs(text);
}

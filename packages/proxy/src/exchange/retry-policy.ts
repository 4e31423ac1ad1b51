// When a failed attempt is made again, by Envoy's conditions
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on).

import { parseDurationMs } from '@clover/model';
import type { HeaderList } from '../codec/header-list.ts';
import type { UpstreamFailure } from './streams.ts';

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly attempts: number;
  /** 0: none of its own. */
  readonly perTryTimeoutMs: number;
  readonly backoffBaseMs: number;
  readonly conditions: ReadonlySet<string>;
  readonly statuses: ReadonlySet<number>;
}

interface HttpRetry {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
  readonly backoff?: string;
}

/** To be sent once more does no harm (RFC 9110 §9.2.2). */
export const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
]);

const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled';
const GRPC_CONDITIONS: Readonly<Record<string, string>> = {
  1: 'cancelled',
  4: 'deadline-exceeded',
  8: 'resource-exhausted',
  13: 'internal',
  14: 'unavailable',
};

export const NO_RETRIES: RetryPolicy = {
  attempts: 0,
  perTryTimeoutMs: 0,
  backoffBaseMs: 25,
  conditions: new Set(),
  statuses: new Set(),
};

/** Numbers among the conditions are statuses. */
export function compileRetries(retries: HttpRetry): RetryPolicy {
  const attempts = retries.attempts ?? 0;
  if (attempts <= 0) return NO_RETRIES;
  const words = (
    retries.retryOn === undefined || retries.retryOn === '' ? DEFAULT_RETRY_ON : retries.retryOn
  )
    .split(',')
    .map((one) => one.trim());
  return {
    attempts,
    perTryTimeoutMs:
      retries.perTryTimeout === undefined ? 0 : parseDurationMs(retries.perTryTimeout),
    backoffBaseMs:
      retries.backoff === undefined ? 25 : Math.max(1, parseDurationMs(retries.backoff)),
    conditions: new Set(words.filter((one) => !/^\d+$/.test(one))),
    statuses: new Set(words.filter((one) => /^\d{3}$/.test(one)).map(Number)),
  };
}

/** The word of the request itself (`x-envoy-retry-on`, `x-envoy-max-retries`) is added to the rule's. */
export function withRequestRetries(
  policy: RetryPolicy,
  retryOn: string | undefined,
  maxRetries: string | undefined,
): RetryPolicy {
  if (retryOn === undefined && maxRetries === undefined) return policy;
  const attempts =
    maxRetries !== undefined && /^\d{1,4}$/.test(maxRetries) ? Number(maxRetries) : undefined;
  if (retryOn === undefined) return attempts === undefined ? policy : { ...policy, attempts };
  const asked = compileRetries({ retryOn, attempts: attempts ?? Math.max(1, policy.attempts) });
  return {
    ...policy,
    attempts: attempts ?? Math.max(1, policy.attempts),
    conditions: new Set([...policy.conditions, ...asked.conditions]),
    statuses: new Set([...policy.statuses, ...asked.statuses]),
  };
}

/** Whether an answer is one to be asked for again. */
export function retriesAnswer(policy: RetryPolicy, status: number, headers: HeaderList): boolean {
  const { conditions } = policy;
  // Whoever limits a client does not want it back at once.
  if (headers.has('x-envoy-ratelimited')) return conditions.has('envoy-ratelimited');
  if (status >= 500) {
    if (conditions.has('5xx')) return true;
    if (status >= 502 && status <= 504 && conditions.has('gateway-error')) return true;
  }
  if (status === 409 && conditions.has('retriable-4xx')) return true;
  if (policy.statuses.has(status)) return true;
  const grpc = headers.get('grpc-status');
  return grpc !== undefined && conditions.has(GRPC_CONDITIONS[grpc] ?? '-');
}

/** Whether an attempt without an answer is made again. `sent`: the request had left for the upstream. */
export function retriesFailure(
  policy: RetryPolicy,
  failure: UpstreamFailure,
  sent: boolean,
): boolean {
  const { conditions } = policy;
  if (failure.reason === 'overflow') return false;
  if (conditions.has('5xx') || conditions.has('gateway-error') || conditions.has('reset'))
    return true;
  if (!sent && conditions.has('reset-before-request')) return true;
  if (failure.reason === 'refused') return conditions.has('refused-stream');
  return (
    (failure.reason === 'connect' || failure.reason === 'connectTimeout') &&
    conditions.has('connect-failure')
  );
}

/**
 * Milliseconds before the n-th retry: anywhere in [0, (2^n - 1) * base), at most ten times the base.
 * Source: Envoy's fully jittered exponential back-off.
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: () => number): number {
  const { backoffBaseMs } = policy;
  const window = Math.min((2 ** Math.min(retry, 20) - 1) * backoffBaseMs, 10 * backoffBaseMs);
  return Math.floor(random() * window);
}

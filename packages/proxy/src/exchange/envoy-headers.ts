// What a request may ask of the proxy in headers of Envoy's.

import type { HeaderList } from '../codec/header-list.ts';
import { withRequestRetries, type RetryPolicy } from './retry-policy.ts';

export interface AskedPolicy {
  readonly retries: RetryPolicy;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly perTryTimeoutMs: number;
}

/** The rule's policy with the request's own wishes; their headers are taken out. `headers`: undefined when there are none. */
export function requestTimeouts(
  headers: HeaderList | undefined,
  retries: RetryPolicy,
  timeoutMs: number,
): AskedPolicy {
  if (headers === undefined)
    return { retries, timeoutMs, perTryTimeoutMs: retries.perTryTimeoutMs };
  const timeout = take(headers, 'x-envoy-upstream-rq-timeout-ms');
  const perTry = take(headers, 'x-envoy-upstream-rq-per-try-timeout-ms');
  const retryOn = take(headers, 'x-envoy-retry-on');
  const retryGrpcOn = take(headers, 'x-envoy-retry-grpc-on');
  const maxRetries = take(headers, 'x-envoy-max-retries');
  const conditions = [retryOn, retryGrpcOn].filter((one) => one !== undefined).join(',');
  return {
    retries: withRequestRetries(retries, conditions === '' ? undefined : conditions, maxRetries),
    timeoutMs: milliseconds(timeout) ?? timeoutMs,
    perTryTimeoutMs: milliseconds(perTry) ?? retries.perTryTimeoutMs,
  };
}

function take(headers: HeaderList, name: string): string | undefined {
  const value = headers.get(name);
  if (value !== undefined) headers.remove(name);
  return value;
}

const milliseconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

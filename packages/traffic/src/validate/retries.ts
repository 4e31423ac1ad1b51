// Retry policies.

import { nearest } from '@clover/model';
import { STATUS_CODES } from './status-codes.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { HttpRetry } from '../resource.ts';
import type { Say } from './say.ts';

const RETRY_ON = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

/** One word of `retryOn`: a condition of Envoy's, or a status. */
export const isRetryCondition = (word: string): boolean =>
  RETRY_ON.includes(word) || STATUS_CODES.has(word);

export function checkRetries(retries: HttpRetry | undefined, path: FieldPath, say: Say): void {
  if (!retries) return;
  const { attempts = 0, retryOn = '' } = retries;
  if (attempts < 0)
    say([...path, 'attempts'], {
      code: 'range',
      message: `attempts is ${attempts}`,
      hint: '0 switches retries off',
    });
  const idle = (['perTryTimeout', 'retryOn', 'retryRemoteLocalities'] as const).find(
    (name) => retries[name] !== undefined && retries[name] !== '',
  );
  if (attempts === 0 && idle)
    say([...path, idle], {
      code: 'place',
      message: `${idle} stands beside attempts 0, with which nothing is tried again`,
      hint: 'set attempts, or leave the rest out',
    });
  for (const policy of retryOn === '' ? [] : retryOn.split(',')) {
    if (isRetryCondition(policy)) continue;
    const close = nearest(policy, RETRY_ON);
    say([...path, 'retryOn'], {
      code: 'value',
      message: `${JSON.stringify(policy)} is nothing to retry on`,
      hint:
        policy.trim() === policy
          ? close
            ? `did you mean ${close}?`
            : `known: ${RETRY_ON.join(', ')}, and status codes`
          : 'write no spaces',
    });
  }
}

// MeshConfig's `defaultHttpRetryPolicy`.

import { isRetryCondition, type HttpRetry } from '@clover/traffic';
import { durationOf, given } from './values.ts';
import type { Reader } from './reader.ts';

/** As in Istio it takes the place of the built-in policy as a whole: without `attempts` nothing is tried again. */
export function readRetries(policy: Reader): HttpRetry {
  policy.others(['attempts', 'perTryTimeout', 'retryOn', 'backoff', 'retryIgnorePreviousHosts']);
  const attempts = policy.get('attempts');
  const count = attempts?.integer() ?? 0;
  if (count < 0) attempts?.wrong('0 or more');
  const avoids = policy.get('retryIgnorePreviousHosts');
  if (avoids?.flag() === false) avoids.ignore('that a retry may go to an endpoint that has failed');
  return {
    attempts: count,
    ...given({
      perTryTimeout: durationOf(policy.get('perTryTimeout')),
      retryOn: conditionsOf(policy.get('retryOn')),
      backoff: durationOf(policy.get('backoff')),
    }),
  };
}

function conditionsOf(reader: Reader | undefined): string | undefined {
  const text = reader?.text();
  for (const word of text ? text.split(',') : [])
    if (!isRetryCondition(word.trim()))
      reader?.wrong(
        `conditions and statuses with commas between: ${JSON.stringify(word)} is neither`,
      );
  return text;
}

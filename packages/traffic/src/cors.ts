// Cross-origin requests, as Envoy's filter answers them: it stands before faults and the router.

import type { CorsPolicy } from './resource.ts';
import { stringTest } from './conditions.ts';
import type { PreparedRequest } from './request.ts';
import { parseDurationMs } from '@clover/model';

export interface Cors {
  allows(origin: string): boolean;
  /** Of the answer to every request of an allowed origin, beside its `access-control-allow-origin`. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Of the answer to a preflight of an allowed origin, likewise. */
  readonly preflightHeaders: Readonly<Record<string, string>>;
  /** Whether the service gets the preflights of other origins. */
  readonly forwardsUnmatched: boolean;
}

/** What CORS does to one request: headers to set on whatever answer it gets, or the answer itself. */
export interface CorsAnswer {
  readonly preflight: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export function compileCors(policy: CorsPolicy | undefined): Cors | undefined {
  if (!policy) return undefined;
  const tests = [
    ...(policy.allowOrigins ?? []).map((one) => stringTest(one) ?? (() => true)),
    ...(policy.allowOrigins ? [] : (policy.allowOrigin ?? [])).map(
      (wanted) => (origin: string) => wanted === '*' || origin === wanted,
    ),
  ];
  const credentials = policy.allowCredentials
    ? { 'access-control-allow-credentials': 'true' }
    : undefined;
  const list = (name: string, values: readonly string[] | undefined) =>
    values?.length ? { [name]: values.join(',') } : undefined;
  return {
    allows: (origin) => tests.some((test) => test(origin)),
    answerHeaders: {
      ...credentials,
      ...list('access-control-expose-headers', policy.exposeHeaders),
    },
    preflightHeaders: {
      ...credentials,
      ...list('access-control-allow-methods', policy.allowMethods),
      ...list('access-control-allow-headers', policy.allowHeaders),
      ...(policy.maxAge !== undefined && {
        'access-control-max-age': String(Math.floor(parseDurationMs(policy.maxAge) / 1000)),
      }),
    },
    forwardsUnmatched: policy.unmatchedPreflights !== 'IGNORE',
  };
}

/** Undefined when the request is none of its business: no Origin, or one that is not allowed. */
export function answerCors(cors: Cors, request: PreparedRequest): CorsAnswer | undefined {
  const origin = request.header('origin');
  if (!origin) return undefined;
  const allowed = cors.allows(origin);
  const preflight =
    request.method === 'OPTIONS' && Boolean(request.header('access-control-request-method'));
  if (!allowed) return preflight && !cors.forwardsUnmatched ? IGNORED : undefined;
  const headers = preflight ? cors.preflightHeaders : cors.answerHeaders;
  return { preflight, headers: { 'access-control-allow-origin': origin, ...headers } };
}

/** A preflight that is not forwarded: 200 and no permission. */
const IGNORED: CorsAnswer = { preflight: true, headers: {} };

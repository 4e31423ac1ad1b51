// Cross-origin requests, as Envoy's filter answers them: it stands between faults and the router.

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
  /** The same for other origins; undefined when the service gets their preflights. */
  readonly unmatchedHeaders: Readonly<Record<string, string>> | undefined;
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
  const terms = {
    ...list('access-control-allow-methods', policy.allowMethods),
    ...list('access-control-allow-headers', policy.allowHeaders),
    ...(policy.maxAge !== undefined && {
      'access-control-max-age': String(Math.floor(parseDurationMs(policy.maxAge) / 1000)),
    }),
  };
  const exposed = list('access-control-expose-headers', policy.exposeHeaders);
  return {
    allows: (origin) => tests.some((test) => test(origin)),
    answerHeaders: { ...credentials, ...exposed },
    preflightHeaders: { ...credentials, ...terms, ...exposed },
    unmatchedHeaders:
      policy.unmatchedPreflights === 'IGNORE' ? { ...credentials, ...terms } : undefined,
  };
}

/** Undefined when the request is none of its business: no Origin, or one that is not allowed. */
export function answerCors(cors: Cors, request: PreparedRequest): CorsAnswer | undefined {
  const origin = request.header('origin');
  if (!origin) return undefined;
  const allowed = cors.allows(origin);
  const preflight =
    request.method === 'OPTIONS' && Boolean(request.header('access-control-request-method'));
  if (!allowed) {
    const headers = preflight ? cors.unmatchedHeaders : undefined;
    return headers && { preflight, headers };
  }
  const headers = preflight ? cors.preflightHeaders : cors.answerHeaders;
  return { preflight, headers: { 'access-control-allow-origin': origin, ...headers } };
}

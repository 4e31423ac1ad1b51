// What an authorizer is sent and what is made of its answer, as Envoy's HTTP ext_authz filter does it.

import { textMatches } from '@clover/traffic';
import type { AuthorizationRequest, HeaderPair, Verdict } from './authorization.ts';
import type { AuthorizerSettings, HttpSettings } from './extension-provider.ts';
import { CONNECTION_HEADERS } from './header-change.ts';

export interface CheckRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
  readonly takesTrailers?: boolean;
}

/** Method, path, Host and Authorization go along always, other headers when they are named. */
export function checkRequest(request: AuthorizationRequest, settings: HttpSettings): CheckRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers()) {
    if (name !== 'authorization' && !isNamed(settings.requestHeaders, name)) continue;
    if (name === 'host' || CONNECTION_HEADERS.has(name)) continue;
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  for (const [name, value] of Object.entries(settings.additionalHeaders))
    headers[name.toLowerCase()] = value;
  for (const [name, value] of request.traceHeaders?.() ?? []) headers[name] = value;
  const body = settings.bodyBytes > 0 ? request.body?.subarray(0, settings.bodyBytes) : undefined;
  if (body && !(request.bodyComplete && body.length === request.body!.length))
    headers['x-envoy-auth-partial-body'] = 'true';
  else if (body) headers['x-envoy-auth-partial-body'] = 'false';
  headers['host'] = request.authority;
  headers['content-length'] = String(body?.length ?? 0);
  return { method: request.method, path: settings.pathPrefix + request.target, headers, body };
}

export interface CheckAnswer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly trailers?: readonly HeaderPair[];
  readonly body: Buffer;
}

/** 200 allows, 5xx is a failure of the authorizer, anything else is its answer to the client. */
export function verdictOf(answer: CheckAnswer, settings: HttpSettings): Verdict {
  if (answer.status >= 500) return failedVerdict(settings);
  if (answer.status === 200) {
    return {
      kind: 'allow',
      requestHeaders: answer.headers.filter(
        ([name]) => isNamed(settings.upstreamHeaders, name) && !CONNECTION_HEADERS.has(name),
      ),
      responseHeaders: answer.headers.filter(
        ([name]) =>
          isNamed(settings.downstreamHeadersOnAllow, name) && !CONNECTION_HEADERS.has(name),
      ),
      unchecked: false,
    };
  }
  const named = settings.downstreamHeadersOnDeny;
  return {
    kind: 'deny',
    status: answer.status,
    headers: answer.headers.filter(
      ([name]) =>
        name !== 'host' &&
        !CONNECTION_HEADERS.has(name) &&
        (!named || DENY_HEADERS.has(name) || isNamed(named, name)),
    ),
    body: answer.body,
    details: 'ext_authz_denied',
  };
}

/** When the authorizer does not answer, or not as it should. */
export function failedVerdict(
  settings: Pick<AuthorizerSettings, 'failOpen' | 'statusOnError'>,
): Verdict {
  if (settings.failOpen)
    return { kind: 'allow', requestHeaders: [], responseHeaders: [], unchecked: true };
  return denied(settings.statusOnError, 'ext_authz_error');
}

export function denied(status: number, details: string): Verdict & { readonly kind: 'deny' } {
  return { kind: 'deny', status, headers: [], body: Buffer.alloc(0), details };
}

function isNamed(patterns: readonly string[], name: string): boolean {
  return patterns.some((one) => textMatches(one, name));
}

/** Sent on with a denial whatever is named. */
const DENY_HEADERS = new Set(['location', 'proxy-authenticate', 'www-authenticate']);

// A rule of an HTTPRoute, for one of its matches, as a rule of a VirtualService.

import { parseDurationMs } from '@clover/model';
import type { HttpMatch, HttpRetry, HttpRoute, StringMatch } from '../resource.ts';
import type { Backends } from './backends.ts';
import { convertFilters } from './filters.ts';
import type { HttpRouteMatch, HttpRouteRule, ValueMatch } from './gateway-api-resource.ts';
import { withDestinations } from './destinations.ts';

/** Undefined when the rule cannot be used, and with it its whole route. */
export function convertHttpRule(
  rule: HttpRouteRule,
  match: HttpRouteMatch | undefined,
  backends: Backends,
): HttpRoute | undefined {
  const filters = convertFilters(rule.filters ?? [], backends);
  if (!filters) return undefined;
  const retries = retriesOf(rule);
  const tryTimeout = positive(rule.timeouts?.backendRequest);
  // Without retries Istio gives the whole request the time that a single try of a backend may take.
  const timeout = (retries ? undefined : tryTimeout) ?? positive(rule.timeouts?.request);
  return withDestinations(
    {
      match: [match ? matchOf(match) : { uri: { prefix: '/' } }],
      ...filters,
      ...(timeout && { timeout }),
      ...(retries && {
        retries: { ...retries, ...(tryTimeout && { perTryTimeout: tryTimeout }) },
      }),
    },
    rule.backendRefs,
    backends,
  );
}

/** On failures of connections in any case, as Istio has it. */
function retriesOf({ retry }: HttpRouteRule): HttpRetry | undefined {
  if (!retry) return undefined;
  const { attempts = 2, codes = [], backoff } = retry;
  if (attempts === 0) return { attempts };
  const retryOn = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes];
  return { attempts, retryOn: retryOn.join(','), ...(backoff !== undefined && { backoff }) };
}

/** Undefined for no limit: absent or `0s`. */
const positive = (text: string | undefined) =>
  text !== undefined && parseDurationMs(text) > 0 ? text : undefined;

function matchOf({ path, headers, queryParams, method }: HttpRouteMatch): HttpMatch {
  return {
    ...uriOf(path),
    ...(headers?.length && { headers: byName(headers) }),
    ...(queryParams?.length && { queryParams: byName(queryParams) }),
    ...(method && { method: { exact: method } }),
  };
}

/** A prefix goes by whole segments, and its trailing slash says nothing. */
function uriOf(path: HttpRouteMatch['path']): Pick<HttpMatch, 'uri' | 'segments'> {
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  if (type === 'Exact') return { uri: { exact: value } };
  if (type === 'RegularExpression') return { uri: { regex: value } };
  if (value === '/') return { uri: { prefix: '/' } };
  return { uri: { prefix: value.replace(/\/$/, '') }, segments: true };
}

export function byName(list: readonly ValueMatch[]): Record<string, StringMatch> {
  return Object.fromEntries(
    list.map(({ name, value, type }) => [
      name,
      type === 'RegularExpression' ? { regex: value } : { exact: value },
    ]),
  );
}

// Routes of Gateway API: what their schemas leave open and the API server checks by rules of its own.

import { parseDurationMs } from '@clover/model';
import type { FieldPath } from '../read/check-fields.ts';
import type { HttpRouteRule, ValueMatch } from '../gateway-api/gateway-api-resource.ts';
import type { GrpcRoute, HttpRouteResource } from '../resource.ts';
import type { Said, Say } from './say.ts';
import { regex } from './text-match.ts';

export function checkRoute(route: HttpRouteResource | GrpcRoute, say: Say): void {
  if (route.kind === 'HTTPRoute') {
    for (const [index, rule] of (route.spec.rules ?? []).entries())
      checkHttpRouteRule(rule, ['spec', 'rules', index], say);
    return;
  }
  for (const [index, { matches }] of (route.spec.rules ?? []).entries())
    for (const [at, { method, headers }] of (matches ?? []).entries()) {
      const path: FieldPath = ['spec', 'rules', index, 'matches', at];
      checkValues(headers, [...path, 'headers'], say);
      for (const field of ['service', 'method'] as const)
        if (method?.type === 'RegularExpression' && method[field] !== undefined)
          say([...path, 'method', field], regex(method[field]));
    }
}

function checkHttpRouteRule(rule: HttpRouteRule, path: FieldPath, say: Say): void {
  for (const [at, match] of (rule.matches ?? []).entries()) {
    const where = [...path, 'matches', at];
    if (match.path?.type === 'RegularExpression')
      say([...where, 'path', 'value'], regex(match.path.value ?? '/'));
    checkValues(match.headers, [...where, 'headers'], say);
    checkValues(match.queryParams, [...where, 'queryParams'], say);
  }
  say([...path, 'retry', 'backoff'], duration(rule.retry?.backoff));
  for (const field of ['request', 'backendRequest'] as const)
    say([...path, 'timeouts', field], duration(rule.timeouts?.[field]));
}

function checkValues(list: readonly ValueMatch[] | undefined, path: FieldPath, say: Say): void {
  for (const [index, { type, value }] of (list ?? []).entries())
    if (type === 'RegularExpression') say([...path, index, 'value'], regex(value));
}

/** GEP-2257: hours to milliseconds, up to four whole numbers. */
function duration(text: string | undefined): Said | undefined {
  if (
    text === undefined ||
    (/^(?:\d{1,5}(?:h|ms|m|s)){1,4}$/.test(text) && parseDurationMs(text) >= 0)
  )
    return undefined;
  return {
    code: 'duration',
    message: `${JSON.stringify(text)} is not a duration`,
    hint: 'write 500ms, 10s or 1m30s',
  };
}

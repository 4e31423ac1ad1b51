// CORS policies.

import type { FieldPath } from '../read/check-fields.ts';
import type { CorsPolicy } from '../resource.ts';
import { isHeaderName } from './names.ts';
import type { Say } from './say.ts';
import { regex } from './text-match.ts';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
];

export function checkCors(policy: CorsPolicy | undefined, path: FieldPath, say: Say): void {
  for (const [index, origin] of (policy?.allowOrigins ?? []).entries()) {
    const where = [...path, 'allowOrigins', index];
    if (!(origin.exact ?? origin.prefix ?? origin.regex))
      say(where, {
        code: 'empty',
        message: 'the origin is empty',
        hint: 'write exact: https://example.com',
      });
    else if (origin.regex !== undefined) say([...where, 'regex'], regex(origin.regex));
  }
  for (const [index, method] of (policy?.allowMethods ?? []).entries()) {
    if (METHODS.includes(method)) continue;
    say([...path, 'allowMethods', index], {
      code: 'value',
      message: `${JSON.stringify(method)} is no method`,
      hint: `known: ${METHODS.join(', ')}`,
    });
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [index, name] of (policy?.[field] ?? []).entries()) {
      if (name === '*' || isHeaderName(name)) continue;
      say([...path, field, index], {
        code: 'name',
        message: `${JSON.stringify(name)} is no name of a header`,
      });
    }
  }
  if (policy?.maxAge !== undefined && !/^(?:\d+[hms])+$/.test(policy.maxAge))
    say([...path, 'maxAge'], {
      code: 'duration',
      message: `maxAge ${policy.maxAge} is no number of whole seconds`,
      hint: 'write 600s or 24h',
    });
}

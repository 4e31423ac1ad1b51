// Values of headers that Envoy works out for each request, and the built-in data plane does not.

import type { FieldPath } from '../read/check-fields.ts';
import type { Headers, Resource } from '../resource.ts';
import { OPERATORS, readHeaderValue } from '../validate/header-value.ts';
import type { Report } from './analyze.ts';

export function checkHeaderValues(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    if (resource.kind !== 'VirtualService') continue;
    for (const [index, rule] of (resource.spec.http ?? []).entries()) {
      const path: FieldPath = ['spec', 'http', index];
      const places: [FieldPath, Headers | undefined][] = [
        [[...path, 'headers'], rule.headers],
        ...(rule.route ?? []).map(({ headers }, at): [FieldPath, Headers | undefined] => [
          [...path, 'route', at, 'headers'],
          headers,
        ]),
      ];
      for (const [where, headers] of places)
        for (const [field, name] of unknownOperators(headers))
          report(resource, [...where, ...field], {
            code: 'CLV420',
            severity: 'warning',
            message: `%${name}% is not enforced by the built-in data plane: it gives an empty text`,
            hint: 'a percent sign that stands for itself is written twice',
          });
    }
  }
}

function* unknownOperators(headers: Headers | undefined): Generator<[FieldPath, string]> {
  for (const side of ['request', 'response'] as const)
    for (const part of ['set', 'add'] as const)
      for (const [name, value] of Object.entries(headers?.[side]?.[part] ?? {}))
        for (const operator of readHeaderValue(value).operators)
          if (!OPERATORS.has(operator)) yield [[side, part, name], operator];
}

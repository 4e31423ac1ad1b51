// Which workloads a resource is for.

import type { FieldPath } from '../read/check-fields.ts';
import type { Say } from './say.ts';

export function checkSelector(
  labels: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  say: Say,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (key !== '' && !key.includes('*') && !value.includes('*')) continue;
    say([...path, key], {
      code: 'name',
      message: `${key}=${value} selects nothing: a star is not expanded here`,
      hint: 'write the label as pods have it',
    });
  }
}

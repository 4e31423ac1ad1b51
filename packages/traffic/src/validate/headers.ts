// Operations on headers: names that may be touched, and values that Envoy can read.

import type { FieldPath } from '../read/check-fields.ts';
import type { Headers } from '../resource.ts';
import { readHeaderValue } from './header-value.ts';
import type { Said, Say } from './say.ts';

export const isAuthority = (name: string) => /^(?::authority|host)$/i.test(name);

export function checkHeaders(headers: Headers | undefined, path: FieldPath, say: Say): void {
  for (const side of ['request', 'response'] as const) {
    const operations = headers?.[side];
    for (const part of ['set', 'add'] as const) {
      for (const [name, value] of Object.entries(operations?.[part] ?? {})) {
        const where = [...path, side, part, name];
        say(where, touched(name, side === 'request'));
        say(where, readHeaderValue(value).said);
      }
    }
    for (const [index, name] of (operations?.remove ?? []).entries())
      say([...path, side, 'remove', index], touched(name, false));
  }
}

function touched(name: string, authority: boolean): Said | undefined {
  if (name === '') return { code: 'name', message: 'a header has an empty name' };
  if (authority && isAuthority(name)) return undefined;
  if (/^(?::|host$)/i.test(name))
    return {
      code: 'name',
      message: `${name} cannot be changed here`,
      hint: 'rewrite.authority changes the host, rewrite.uri the path',
    };
  return undefined;
}

// Texts that are matched: exact, prefix or a regular expression of RE2.

import { RE2JS } from 're2js';
import type { StringMatch } from '../resource.ts';
import type { Said } from './say.ts';

const MAX_REGEX = 1024;

/** What is wrong with a regular expression. */
export function regex(pattern: string): Said | undefined {
  if (pattern === '')
    return {
      code: 'empty',
      message: 'the regular expression is empty',
      hint: 'write .* for any text',
    };
  if (pattern.length > MAX_REGEX)
    return {
      code: 'regex',
      message: `the regular expression has ${pattern.length} characters, at most ${MAX_REGEX} may be`,
      hint: 'make several rules of it',
    };
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return {
      code: 'regex',
      message: `${JSON.stringify(pattern)} is no RE2 regular expression: ${(error as Error).message}`,
      hint:
        pattern === '*' ? 'write .* for any text' : 'RE2 has no look-around and no back references',
    };
  }
}

/** `emptyPrefix`: whether a prefix may be empty, as that of a uri. */
export function textMatch(
  match: StringMatch | null | undefined,
  { emptyPrefix = false, star = false } = {},
): { at: 'prefix' | 'regex'; said: Said } | undefined {
  if (match?.prefix === '' && !emptyPrefix)
    return {
      at: 'prefix',
      said: {
        code: 'empty',
        message: 'the prefix is empty',
        hint: 'for "is there" write {} or regex: .*',
      },
    };
  if (match?.regex === undefined || (star && match.regex === '*')) return undefined;
  const said = regex(match.regex);
  return said && { at: 'regex', said };
}

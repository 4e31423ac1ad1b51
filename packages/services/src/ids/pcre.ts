// Perl-compatible expressions on RE2's engine, whose time is linear in the text whatever the expression.
// What RE2 cannot do (looking around, back references, possessive and atomic groups) is refused by name.

import { RE2JS } from 're2js';
import type { BufferName } from './rule.ts';

export interface ParsedPcre {
  readonly negated: boolean;
  readonly regex: RE2JS;
  readonly relative: boolean;
  readonly anchored: boolean;
  /** The buffer that a flag names. */
  readonly buffer: BufferName | undefined;
}

const BUFFERS: Readonly<Record<string, BufferName>> = {
  U: 'uri',
  I: 'rawUri',
  P: 'clientBody',
  H: 'header',
  D: 'header',
  M: 'method',
  C: 'cookie',
  K: 'cookie',
  V: 'field:user-agent',
  W: 'field:host',
  Z: 'field:host',
  B: 'pkt',
};

const CANNOT: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^\(\?<?[=!]/, 'looks around'],
  [/^\(\?>/, 'has an atomic group'],
  [/^\(\?[R0-9(&]/, 'has a condition or a recursion'],
  [/^\\[1-9gk]/, 'refers back'],
  [/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'has a possessive quantifier'],
];

/** `[!]"/expression/flags"` without its outer quotes. Throws Error that names what cannot be done. */
export function parsePcre(text: string): ParsedPcre {
  const match = /^(!?)\s*"?\/(.*)\/([a-zA-Z]*)"?$/s.exec(text);
  const other = /^(!?)\s*"?m([^\w\s])(.*)\2([a-zA-Z]*)"?$/s.exec(text);
  if (!match && !other) throw new Error('an expression between slashes is wanted');
  const negated = (match ?? other)![1] === '!';
  const source = match ? match[2]! : other![3]!;
  const flags = match ? match[3]! : other![4]!;
  const has = (flag: string) => flags.includes(flag);
  const answers = /[SY]/.exec(flags);
  if (answers) throw new Error(`flag ${answers[0]} is about answers; this sensor sees requests`);
  const unknown = /[^ismxAEGRUIPHDMCKVWZBO]/.exec(flags);
  if (unknown) throw new Error(`there is no flag ${unknown[0]}`);
  const buffers = [...flags].flatMap((flag) => BUFFERS[flag] ?? []);
  if (buffers.length > 1) throw new Error(`flags ${flags} name more than one buffer`);
  const inner = translate(source, {
    extended: has('x'),
    dollarIsEnd: has('E') || has('m'),
  });
  const inline = [...'ims'].filter(has).join('') + (has('G') ? 'U' : '');
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(inline === '' ? inner : `(?${inline})${inner}`);
  } catch (error) {
    throw new Error(`the expression cannot be done: ${(error as Error).message}`, { cause: error });
  }
  return { negated, regex, relative: has('R'), anchored: has('A'), buffer: buffers[0] };
}

/** PCRE's spelling to RE2's: `\Z`, `$` before a last line feed, `\h`, blanks of flag x, comments. */
function translate(source: string, is: { extended: boolean; dollarIsEnd: boolean }): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const rest = source.slice(at, at + 24);
    const char = source[at]!;
    if (!inClass) {
      const cannot = CANNOT.find(([pattern]) => pattern.test(rest));
      if (cannot) throw new Error(`the expression ${cannot[1]}, which the engine does not do`);
      if (rest.startsWith('(?#')) {
        at = source.indexOf(')', at);
        if (at === -1) throw new Error('a comment in the expression is not closed');
        continue;
      }
      if (is.extended && /\s/.test(char)) continue;
      if (is.extended && char === '#') {
        const end = source.indexOf('\n', at);
        at = end === -1 ? source.length : end;
        continue;
      }
    }
    if (char === '\\') {
      const next = source[++at] ?? '';
      out += ESCAPES[inClass ? 'inClass' : 'outside'][next] ?? `\\${next}`;
    } else if (char === '[' && inClass && source[at + 1] === ':') {
      const end = source.indexOf(':]', at);
      out += end === -1 ? '\\[' : source.slice(at, end + 2);
      if (end !== -1) at = end + 1;
    } else if (char === '[') {
      if (inClass) out += '\\[';
      else {
        inClass = true;
        out += char;
        if (source[at + 1] === '^') out += source[++at];
        if (source[at + 1] === ']') {
          out += '\\]';
          at++;
        }
      }
    } else if (char === ']' && inClass) {
      inClass = false;
      out += char;
    } else if (char === '$' && !inClass && !is.dollarIsEnd) out += '(?:\\n?\\z)';
    else out += char;
  }
  return out;
}

const ESCAPES: Readonly<Record<'inClass' | 'outside', Readonly<Record<string, string>>>> = {
  outside: {
    Z: '(?:\\n?\\z)',
    h: '[\\t \\xa0]',
    H: '[^\\t \\xa0]',
    s: '[\\s\\x0b]',
    S: '[^\\s\\x0b]',
    R: '(?:\\r\\n|[\\n\\x0b\\f\\r\\x85])',
    e: '\\x1b',
  },
  inClass: { h: '\\t \\xa0', s: '\\s\\x0b', e: '\\x1b', b: '\\x08' },
};

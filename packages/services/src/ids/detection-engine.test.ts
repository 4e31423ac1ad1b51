// Random rules and texts: the engine against the slowest way to say the same.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDetectionEngine } from './detection-engine.ts';
import { ruleMatcher } from './match-rule.ts';
import { createMultiPattern, lowerCase } from './multi-pattern.ts';
import { parseRules } from './parse-rules.ts';
import { createBuffers } from './buffers.ts';
import type { Content, Rule } from './rule.ts';
import { normalizeUri } from './normalize-uri.ts';

const word = (max: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '\xe0'), minLength: 1, maxLength: max });
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', 'B', '\xe0', '\xc0'),
  maxLength: 40,
});

it('finds the patterns that lie in a text, whatever the case, and no others', () => {
  fc.assert(
    fc.property(fc.array(word(20), { minLength: 1, maxLength: 20 }), text, (patterns, one) => {
      const found = new Set<number>();
      createMultiPattern(patterns).scan(one, (pattern) => found.add(pattern));
      const expected = patterns.flatMap((pattern, index) =>
        lowerCase(one).includes(lowerCase(pattern.slice(0, 16))) ? [index] : [],
      );
      expect([...found].toSorted((a, b) => a - b)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

const content = fc
  .record({
    negated: fc.boolean(),
    pattern: word(3),
    nocase: fc.boolean(),
    relative: fc.boolean(),
    from: fc.integer({ min: 0, max: 4 }),
    room: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  })
  .map(({ room, ...rest }): Content => ({
    kind: 'content',
    buffer: 'clientBody',
    atEnd: false,
    ...rest,
    pattern: rest.nocase ? lowerCase(rest.pattern) : rest.pattern,
    length: room === undefined ? undefined : rest.pattern.length + room,
  }));

/** Every way to place every content, tried by hand. */
function slowly(checks: readonly Content[], one: string, cursor = 0): boolean {
  const [check, ...rest] = checks;
  if (!check) return true;
  const start = (check.relative ? cursor : 0) + check.from;
  const end = check.length === undefined ? one.length : Math.min(one.length, start + check.length);
  const ends: number[] = [];
  for (let at = start; at + check.pattern.length <= end; at++) {
    const piece = one.slice(at, at + check.pattern.length);
    if ((check.nocase ? lowerCase(piece) : piece) === check.pattern) ends.push(at + piece.length);
  }
  if (check.negated) return ends.length === 0 && slowly(rest, one, cursor);
  return ends.some((next) => slowly(rest, one, next));
}

const examined = (body: string) => ({
  method: 'POST',
  target: '/',
  httpVersion: '1.1',
  rawHeaders: [],
  body: Buffer.from(body, 'latin1'),
  sourceAddress: '127.0.0.1',
  sourcePort: 0,
  destinationAddress: '127.0.0.1',
  destinationPort: 80,
});

it('places contents as the slow way does', () => {
  fc.assert(
    fc.property(fc.array(content, { minLength: 1, maxLength: 5 }), text, (checks, one) => {
      expect(ruleMatcher({ checks })(createBuffers(examined(one)))).toBe(slowly(checks, one));
    }),
    { numRuns: 5000 },
  );
});

it('names the same rules as looking at each of them', () => {
  const rules = fc.array(fc.array(content, { maxLength: 3 }), { maxLength: 30 });
  const [any] = parseRules('alert tcp any any -> any any (sid:1;)', { file: 'f' }).rules;
  fc.assert(
    fc.property(rules, fc.array(text, { maxLength: 5 }), (many, texts) => {
      const made = many.map((checks, index): Rule => ({ ...any!, sid: index + 1, checks }));
      const engine = createDetectionEngine(made);
      for (const one of texts)
        expect(engine.examine(examined(one), 0).map(({ sid }) => sid)).toEqual(
          made.filter(({ checks }) => slowly(checks as Content[], one)).map(({ sid }) => sid),
        );
    }),
    { numRuns: 500 },
  );
});

it('never throws, whatever the rule file', () => {
  const piece = fc.constantFrom(
    'alert',
    'tcp',
    'any',
    '->',
    '(',
    ')',
    'content:',
    '"a|41|"',
    ';',
    'sid:1;',
    'pcre:"/a[/U";',
    'msg:"x";',
    '\\',
    '\n',
    '!',
    '[',
    ']',
    '$HOME_NET',
    'var X $X',
    'http_uri;',
    '"',
    'distance:-3;',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
      const { rules } = parseRules(pieces.join(' '), { file: 'f' });
      createDetectionEngine(rules).examine(examined('aAab'), 0);
    }),
    { numRuns: 2000 },
  );
});

it('a rule file made to be slow is read all the same', () => {
  const lines = [
    `alert tcp ${'a '.repeat(200_000)}`,
    `alert tcp any any ${'-> '.repeat(200_000)}`,
    `alert tcp any any -> any any (${'content:"a"; '.repeat(20_000)}`,
    `alert tcp ${'['.repeat(100_000)} any -> any any (sid:1;)`,
  ];
  const { rules, refused } = parseRules(lines.join('\n'), { file: 'f' });
  expect([rules.length, refused.length]).toEqual([0, 4]);
});

it('a text made to be slow stops being looked at', () => {
  const { rules } = parseRules(
    `alert tcp any any -> any any (${'content:"a"; http_client_body; distance:0; '.repeat(6)} content:"b"; http_client_body; distance:0; sid:1;)`,
    { file: 'f' },
  );
  const body = `b${'a'.repeat(1_000_000)}`;
  expect(createDetectionEngine(rules).examine(examined(body), 0)).toEqual([]);
});

it('reads a target as a server would, and the same again', () => {
  expect(
    [
      '/a/./b//c/../d',
      'http://h/x?y=%41',
      '/%2e%2e/%2fa',
      '/a\\b',
      '/a/..',
      '/a/.',
      '/',
      '*',
      '',
    ].map(normalizeUri),
  ).toEqual(['/a/b/d', '/x?y=A', '/a', '/a/b', '/', '/a/', '/', '*', '']);
  const path = fc
    .array(fc.constantFrom('a', '..', '.', '', 'b'), { maxLength: 8 })
    .map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, (one) => {
      expect(normalizeUri(normalizeUri(one))).toBe(normalizeUri(one));
      expect(`${normalizeUri(one)}/`).not.toMatch(/\/\.{0,2}\/./);
    }),
  );
});

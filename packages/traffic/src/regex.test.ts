import { RE2JS } from 're2js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativePattern, regexTest } from './regex.ts';

describe('regexTest', () => {
  it.each([
    ['/v[0-9]+/.*', '/v12/x', true],
    ['/v[0-9]+/.*', '/vx/x', false],
    ['/v[0-9]+/.*', 'a/v1/x', false],
    ['a|ab', 'ab', true],
    ['(?i)jason', 'JASON', true],
    ['\\d+$', '123', true],
    ['\\d+$', 'a123', false],
    ['.*', '', true],
    ['', '', true],
    ['.', '🙂', true],
  ])('%s takes the whole of %s: %s', (pattern, value, expected) => {
    expect(regexTest(pattern)(value)).toBe(expected);
  });

  it('refuses what RE2 refuses', () => {
    for (const pattern of ['(?=a)', '(a)\\1', '[z-a]', '*a'])
      expect(() => regexTest(pattern)).toThrow();
  });

  it('leaves to re2 what could take JavaScript more than one way', () => {
    for (const pattern of ['.*a', '[a-z]+x', 'a*a', '\\w+/?a', '(a+)+', 'a?ab', 'a{3}'])
      expect(nativePattern(pattern)).toBeUndefined();
    for (const pattern of ['/api/.*', '/v[0-9]+/.*', 'a*b', '[^/]+/x', '\\d+\\.\\d+', '/x/?'])
      expect(nativePattern(pattern)).toBeDefined();
  });

  it('means the same on both engines', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '/',
      '.',
      '[ab]',
      '[0-9]',
      '\\d',
      '\\w',
      '[^/]',
      '1',
      '-',
    );
    const repetition = fc.constantFrom('', '', '*', '+', '?');
    const pattern = fc
      .array(fc.tuple(atom, repetition), { maxLength: 5 })
      .map((parts) => parts.flat().join(''));
    const value = fc
      .array(fc.constantFrom('a', 'b', '/', '1', '9', '-', 'z', '\n', 'é', '🙂'), { maxLength: 7 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, value, (regex, text) => {
        expect(regexTest(regex)(text)).toBe(RE2JS.compile(regex).matches(text));
      }),
      { numRuns: 3000 },
    );
  });
});

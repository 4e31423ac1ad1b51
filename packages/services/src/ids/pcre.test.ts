// Expressions on RE2 against JavaScript's own engine, for what both do.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePcre } from './pcre.ts';

const atom = fc.oneof(
  fc.constantFrom('a', 'b', '.', '\\d', '\\w', '[ab]', '[^a]', '\\x61', '\\.', '(?:ab|b)', '\\/'),
);
const piece = fc
  .tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}', '*?'))
  .map((parts) => parts.join(''));
const expression = fc
  .tuple(fc.constantFrom('', '^'), fc.array(piece, { minLength: 1, maxLength: 5 }))
  .map(([start, pieces]) => start + pieces.join(''));

it('match as JavaScript does', () => {
  fc.assert(
    fc.property(
      expression,
      fc.constantFrom('', 'i', 's', 'm', 'is'),
      fc.string({
        unit: fc.constantFrom('a', 'b', 'A', '1', '.', '/', '\n', '\xe9'),
        maxLength: 12,
      }),
      (source, flags, text) => {
        const { regex } = parsePcre(`"/${source}/${flags}"`);
        expect(regex.matcher(text).find()).toBe(new RegExp(source, flags).test(text));
      },
    ),
    { numRuns: 3000 },
  );
});

it.each([
  ['/a$/', 'xa\n', true],
  ['/a$/E', 'xa\n', false],
  ['/a\\Z/', 'xa\n', true],
  ['/a\\z/', 'xa\n', false],
  ['/a$/m', 'xa\nb', true],
  ['/a b # c/x', 'ab', true],
  ['/[a\\h]b/', '\tb', true],
  ['/[]a]b/', ']b', true],
  ['/a(?#no)b/', 'ab', true],
  ['/\\Rb/', '\r\nb', true],
  ['/[[:alpha:]]1/', 'z1', true],
  ['m#/a#i', '/A', true],
])('%s reads %j: %s', (text, over, found) => {
  expect(parsePcre(text).regex.matcher(over).find()).toBe(found);
});

it.each(['/(/', 'abc', '/a/Z9', '/a/S', '/a/UH', '/(?P=x)/'])('refuses %s', (text) => {
  expect(() => parsePcre(text)).toThrow(Error);
});

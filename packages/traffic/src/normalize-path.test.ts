import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizePath } from './normalize-path.ts';

// The right side is what Envoy 1.40 made of the left one with `normalize_path: true`.
describe('a path', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/./b', '/a/b'],
    ['/a/..', '/'],
    ['/../../x', '/x'],
    ['/a/b/../../..//c', '//c'],
    ['//a/../b', '//b'],
    ['/a/...', '/a/...'],
    ['/a/..b', '/a/..b'],
    ['/a\\..\\b', '/b'],
    ['/%61dmin', '/admin'],
    ['/%7Eu/%2D%5f', '/~u/-_'],
    ['/public/%2e%2e/admin', '/admin'],
    ['/public/%2E./admin', '/admin'],
    ['/a/%2e', '/a/'],
    ['/a%2Fb%5cc', '/a%2Fb%5cc'],
    ['/a/..%2fb/%2e%2E/c', '/a/c'],
    ['/%c3%a9', '/%c3%a9'],
    ['/%zz/%', '/%zz/%'],
    ['/a"<>^`{|}b', '/a%22%3C%3E%5E%60%7B%7C%7Db'],
    ['/x%2%65', '/x%252e'],
    ['/%5%41x', '/%255Ax'],
    ['/%4%%31', '/%4%1'],
    ['/a%2/../%41', '/A'],
    ['/a/..;/b', '/b'],
    ['/a/..;x/b', '/b'],
    ['/a/.;x=1', '/a/'],
    ['/a/..;x\\b', '/'],
    ['/a/.%3b/b', '/a/.%3b/b'],
    ['/a/...;/b', '/a/...;/b'],
    ['/a;x/../b', '/b'],
  ])('%s is %s', (path, expected) => {
    expect(normalizePath(path)).toBe(expected);
  });

  it('stays what it is when it is normalised again', () => {
    const part = fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '%2e',
      '%2',
      '%41',
      '\\',
      ';',
      'a',
      '1',
      '%5c',
      '|',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const once = normalizePath(`/${parts.join('')}`);
        expect(normalizePath(once)).toBe(once);
        expect(once.startsWith('/')).toBe(true);
        expect(`${once}/`).not.toMatch(/\/\.{1,2}\//);
      }),
      { numRuns: 2000 },
    );
  });
});

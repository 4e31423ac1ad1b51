import { expect, it } from 'vitest';
import { createStyle, wantsColour, wantsUnicode } from './style.ts';

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '1', CLICOLOR_FORCE: '1' }, true, false],
  [{ CLICOLOR_FORCE: '1' }, false, true],
  [{ CLICOLOR_FORCE: '0' }, false, false],
  [{ TERM: 'dumb' }, true, false],
])('with %j and terminal %s colours are %s', (env, isTerminal, wanted) => {
  expect(wantsColour(env, isTerminal)).toBe(wanted);
});

it('draws only where UTF-8 is spoken', () => {
  expect([
    wantsUnicode({}),
    wantsUnicode({ LANG: 'en_GB.UTF-8' }),
    wantsUnicode({ LANG: 'C' }),
    wantsUnicode({ LC_ALL: 'C.utf8', LANG: 'C' }),
    wantsUnicode({ LANG: 'C.UTF-8', TERM: 'dumb' }),
  ]).toEqual([true, true, false, true, false]);
});

it('gives a service one colour', () => {
  const style = createStyle(true);
  expect(style.service('http-lb')('x')).toBe(style.service('http-lb')('x'));
  expect(createStyle(false).service('http-lb')('x')).toBe('x');
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { harmless, padTo, shorten, shortenService, textWidth, wrapText } from './text.ts';

it('counts cells: colours none, CJK two, accents none', () => {
  expect([textWidth('\u001B[31mred\u001B[39m'), textWidth('日本'), textWidth('e\u0301')]).toEqual([
    3, 4, 1,
  ]);
});

it('lets nothing from outside steer a terminal', () => {
  expect(harmless('GET \u001B]0;owned\u0007\n\u202Eevil')).toBe(
    'GET \\x1b]0;owned\\x07\\n\\u202eevil',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // oxlint-disable-next-line no-control-regex -- what must be gone
      expect(harmless(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E]/);
    }),
  );
});

it('shortens services so that those of one kind stay apart', () => {
  const shown = (width: number) => shortenService('clover-server3.default', width);
  expect([22, 16, 15, 12, 10, 4].map(shown)).toEqual([
    'clover-server3.default',
    'clover-server3.…',
    'clover-server3',
    'clover-…ver3',
    'clover…er3',
    'clo…',
  ]);
});

it('shortens to the cells there are, whatever the text', () => {
  expect(shorten('clover-server1', 9)).toBe('clover-s…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const clean = harmless(text);
      expect(textWidth(shorten(clean, width))).toBeLessThanOrEqual(width);
      expect(textWidth(padTo(shorten(clean, width), width))).toBe(width);
    }),
  );
});

it('wraps at blanks', () => {
  expect(wrapText('one two three\nfour', 7)).toEqual(['one two', 'three', 'four']);
});

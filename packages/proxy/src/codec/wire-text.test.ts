import { expect, it } from 'vitest';
import { wirePath, wireText } from './wire-text.ts';

it('a value of a header goes out as UTF-8 and ends no line', () => {
  expect(wireText('plain\ttext')).toBe('plain\ttext');
  expect(wireText('\u010ax-evil: 1')).toBe('\u00c4\u008ax-evil: 1');
  expect(wireText('a\r\nb\0c')).toBe('abc');
});

it('a path goes out in printable ASCII', () => {
  expect(wirePath('/a?b=%20')).toBe('/a?b=%20');
  expect(wirePath('/a b/\u00e9\u010a')).toBe('/a%20b/%C3%A9%C4%8A');
});

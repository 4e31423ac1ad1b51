import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatRate, formatRatio } from './numbers.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [1000, '1.00 k'],
    [1240, '1.24 k'],
    [999_600, '1.00 M'],
    [0.125, '0.125'],
    [12.34, '12.3'],
    [-1500, '-1.50 k'],
  ])('count %d is %s', (value, text) => expect(formatCount(value)).toBe(text));

  it.each([
    [0, '0/s'],
    [39, '39.0/s'],
    [1240, '1.24 k/s'],
  ])('rate %d is %s', (value, text) => expect(formatRate(value)).toBe(text));

  it.each([
    [0, '0 s'],
    [12, '12 ns'],
    [812_000, '812 µs'],
    [34_500_000, '34.5 ms'],
    [999_700_000, '1.00 s'],
    [1_240_000_000, '1.24 s'],
    [59_970_000_000, '1 m 00 s'],
    [125_000_000_000, '2 m 05 s'],
    [12_000_000_000_000, '3 h 20 m'],
    [180_000_000_000_000, '2 d 2 h'],
  ])('%d ns are %s', (value, text) => expect(formatDuration(value)).toBe(text));

  it.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.123, '12.3 %'],
    [0.0049, '0.49 %'],
    [0.000001, '<0.01 %'],
    [0.99999, '99.99 %'],
  ])('ratio %d is %s', (value, text) => expect(formatRatio(value)).toBe(text));

  it('bytes go by 1024', () => {
    expect([formatBytes(512), formatBytes(4_036_988)]).toEqual(['512 B', '3.85 MiB']);
  });

  it('never shows an exponent, and never less than all as all', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e17, noNaN: true }), (value) => {
        for (const format of [formatCount, formatRate, formatDuration, formatBytes])
          expect(format(value)).not.toMatch(/e[+-]|NaN|Infinity/);
      }),
    );
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true, minExcluded: true }),
        (ratio) => {
          expect(formatRatio(ratio)).not.toMatch(/^(0|100) %$/);
        },
      ),
    );
  });
});

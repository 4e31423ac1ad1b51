import { describe, expect, it } from 'vitest';
import { duration } from './duration.ts';
import { bytes, change, compact, percent, probability, rate } from './number.ts';
import { ago } from './time.ts';

describe('numbers', () => {
  it('writes probabilities in two digits', () => {
    expect([0.5, 0.0017, 0.0009999, 0].map(probability)).toEqual([
      '0.50',
      '0.0017',
      '<0.001',
      '<0.001',
    ]);
  });

  it.each([
    [0, '0'],
    [7, '7'],
    [0.0451, '0.045'],
    [999, '999'],
    [1240, '1.24 k'],
    [999_999, '1 M'],
    [12_345_678, '12.3 M'],
    [-1500, '-1.5 k'],
    [139.6, '140'],
    [100.2, '100'],
    [500.4, '500'],
    [999.7, '1 k'],
    [120_400, '120 k'],
    [9.999, '10'],
    [99.96, '100'],
  ])('%d is %s', (value, text) => expect(compact(value)).toBe(text));

  it('says rates in the unit that shows digits', () => {
    expect([1240, 12.34, 0.5, 0.02, 0.0001].map(rate)).toEqual([
      '1.24 k/s',
      '12.3/s',
      '0.5/s',
      '1.2/min',
      '0.36/h',
    ]);
  });

  it('says shares without hiding a rest', () => {
    expect([0, 0.0012, 0.00001, 1, 0.99999, 0.5, null].map(percent)).toEqual([
      '0 %',
      '0.12 %',
      '<0.01 %',
      '100 %',
      '99.999 %',
      '50 %',
      '–',
    ]);
  });

  it('keeps the size of every number: what is read back is within half a percent', () => {
    const scale: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
    for (let value = 1; value < 5e9; value = value * 1.0137 + 0.07) {
      const [digits, prefix] = compact(value).split(' ');
      expect(Math.abs((Number(digits) * scale[prefix ?? '']!) / value - 1)).toBeLessThan(0.0051);
    }
  });

  it('says changes', () => {
    expect([
      change(138, 100),
      change(96, 100),
      change(5, 0),
      change(0, 0),
      change(100.1, 100),
      change(5000, 100),
    ]).toEqual(['+38 %', '−4 %', 'new', null, null, '×50']);
  });

  it('says sizes', () =>
    expect([0, 1023, 1536, 5 * 1024 ** 3].map(bytes)).toEqual(
      ['0 B', '1.023 k', '1.5 KiB', '5 GiB'].map((one) => (one === '1.023 k' ? '1023 B' : one)),
    ));
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [870, '870 ns'],
    [1500, '1.5 µs'],
    [34_500_000, '34.5 ms'],
    [100_000_000, '100 ms'],
    [1_200_000_000, '1.2 s'],
    [125e9, '2 min 5 s'],
    [7260e9, '2 h 1 min'],
    [null, '–'],
  ])('%d ns is %s', (ns, text) => expect(duration(ns)).toBe(text));
});

it('times near now are told from now', () => {
  expect([ago(1000, 2000), ago(1000, 31_000), ago(0, 240_000)]).toEqual([
    'just now',
    '30 s ago',
    '4 min ago',
  ]);
});

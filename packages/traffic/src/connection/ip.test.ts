import { describe, expect, it } from 'vitest';
import { afterRange, isInRange, parseIp, parseIpRange, rangeStart } from './ip.ts';

describe('ranges of addresses', () => {
  it.each([
    ['10.0.0.0/8', '10.255.1.2', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.0/23', '10.1.3.255', true],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::', false],
  ])('%s holds %s: %s', (range, ip, expected) => {
    expect(isInRange(parseIpRange(range)!, parseIp(ip)!)).toBe(expected);
  });

  it.each([
    '',
    'a',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/33',
    '1::2::3',
    '1:2:3',
    '::/129',
    '10.0.0.0/x',
  ])('%s is none', (text) => {
    expect(parseIpRange(text)).toBeUndefined();
  });
});

describe('ranges', () => {
  it.each([
    ['10.1.2.3/16', '10.1.0.0', '10.2.0.0'],
    ['10.1.255.0/24', '10.1.255.0', '10.2.0.0'],
    ['10.0.0.5', '10.0.0.5', '10.0.0.6'],
    ['255.0.0.0/8', '255.0.0.0', undefined],
    ['0.0.0.0/0', '0.0.0.0', undefined],
    ['2001:db8::/32', '2001:db8:0:0:0:0:0:0', '2001:db9:0:0:0:0:0:0'],
  ])('%s begins with %s and ends before %s', (text, first, after) => {
    const range = parseIpRange(text)!;
    expect([rangeStart(range), afterRange(range)]).toEqual([first, after]);
  });
});

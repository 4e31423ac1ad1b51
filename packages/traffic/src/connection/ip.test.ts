import { describe, expect, it } from 'vitest';
import { isInRange, parseIp, parseIpRange } from './ip.ts';

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

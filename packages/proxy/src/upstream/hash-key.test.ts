import { describe, expect, it } from 'vitest';
import { cookieValue, queryParameter, requestHash } from './hash-key.ts';
import { hashHex, xxHash64 } from './xxhash64.ts';

const input = (headers: Record<string, string>, path = '/') => ({
  header: (name: string) => headers[name],
  sourceIp: '10.0.0.7',
  path,
  connection: '10.0.0.7:5123127.0.0.1:80',
});

function hexOf(text: string): string {
  xxHash64(text);
  return hashHex();
}

describe('requestHash', () => {
  it('hashes a header, the source address, a query parameter', () => {
    expect(requestHash({ kind: 'header', name: 'x-user' })(input({ 'x-user': 'ann' }))).toBe(true);
    expect(hashHex()).toBe(hexOf('ann'));
    expect(requestHash({ kind: 'header', name: 'x-user' })(input({}))).toBe(false);
    expect(requestHash({ kind: 'sourceIp' })(input({}))).toBe(true);
    expect(hashHex()).toBe(hexOf('10.0.0.7'));
    expect(requestHash({ kind: 'queryParameter', name: 'q' })(input({}, '/a?p=1&q=x%20y'))).toBe(
      true,
    );
    expect(hashHex()).toBe(hexOf('x%20y'));
    expect(requestHash(undefined)(input({}))).toBe(false);
  });

  it('generates a cookie of the connection when it has a lifetime, and says what to set', () => {
    const cookie = {
      kind: 'cookie',
      name: 'user',
      path: '/p',
      ttlSeconds: 60,
      attributes: [{ name: 'SameSite', value: 'Lax' }],
    } as const;
    const set: string[] = [];
    const one = { ...input({}), setCookie: (value: string) => void set.push(value) };
    expect(requestHash(cookie)(one)).toBe(true);
    const value = hexOf('10.0.0.7:5123127.0.0.1:80');
    requestHash(cookie)(one);
    expect(hashHex()).toBe(hexOf(value));
    expect(set[0]).toBe(`user="${value}"; Max-Age=60; Path=/p; SameSite=Lax; HttpOnly`);
    set.length = 0;
    requestHash(cookie)({ ...one, header: () => `a=b; user="${value}"` });
    expect(set).toEqual([]);
    requestHash({ ...cookie, ttlSeconds: 0, path: '', attributes: [] })(one);
    expect(set[0]).toBe(`user="${value}"; HttpOnly`);
  });

  it('leaves a request without the cookie alone when it has no lifetime', () => {
    const cookie = {
      kind: 'cookie',
      name: 'user',
      path: '',
      ttlSeconds: undefined,
      attributes: [],
    } as const;
    expect(requestHash(cookie)(input({}))).toBe(false);
    expect(requestHash(cookie)(input({ cookie: 'user=7' }))).toBe(true);
    expect(hashHex()).toBe(hexOf('7'));
  });
});

describe('cookieValue', () => {
  it.each([
    ['user=1; other=2', '1'],
    ['super-user=1;user=2', '2'],
    ['user="quoted"', 'quoted'],
    ['xuser=1', ''],
    ['user=', ''],
  ])('finds the value in %j', (header, value) => expect(cookieValue(header, 'user')).toBe(value));
});

describe('queryParameter', () => {
  it.each([
    ['/a?q=1&q=2', '1'],
    ['/a?qq=1&q', ''],
    ['/a?p=q=1', undefined],
    ['/a', undefined],
    ['/a?q=1#q=2', '1'],
  ])('finds the value in %j', (path, value) => expect(queryParameter(path, 'q')).toBe(value));
});

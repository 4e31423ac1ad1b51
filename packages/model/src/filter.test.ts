import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTER_OPERATORS, formatFilter, parseFilter, parseScope } from './filter.ts';

describe('parseFilter', () => {
  it('splits at the first operator, the longer one first', () => {
    expect(parseFilter('service=http-lb')).toEqual({
      key: 'service',
      operator: '=',
      value: 'http-lb',
    });
    expect(parseFilter('duration>=250ms').operator).toBe('>=');
    expect(parseFilter('url.path =~ ^/a=b')).toEqual({
      key: 'url.path',
      operator: '=~',
      value: '^/a=b',
    });
    expect(parseFilter('version!=')).toEqual({ key: 'version', operator: '!=', value: '' });
  });

  it('is the inverse of formatFilter', () => {
    const filter = fc.record({
      key: fc.stringMatching(/^[a-z][a-z._-]{0,20}$/),
      operator: fc.constantFrom(...FILTER_OPERATORS.filter((one) => !/[<>]/.test(one))),
      // A value that begins with = or ~ would read as part of the operator.
      value: fc.string().map((text) =>
        text
          .trim()
          .replace(/^[=~]+/, '')
          .trim(),
      ),
    });
    fc.assert(
      fc.property(filter, (one) => {
        expect(parseFilter(formatFilter(one))).toEqual(one);
      }),
    );
  });

  it('refuses what it cannot read, with what to write instead', () => {
    for (const text of ['', 'service', '=x', 'a b=c'])
      expect(() => parseFilter(text)).toThrow(
        expect.objectContaining({ code: 'filter.bad_filter', status: 400 }),
      );
    expect(() => parseFilter('duration>slow')).toThrow(
      expect.objectContaining({ code: 'filter.not_a_number' }),
    );
  });

  it('never throws anything but a CloverError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect((error as Error).name).toBe('CloverError');
        }
      }),
    );
  });
});

describe('parseScope', () => {
  it('takes service and version as filters, and the last 15 minutes by default', () => {
    expect(parseScope({ service: 'a', version: 'v2', filter: ['x=1'] }, 1_000_000)).toEqual({
      startMs: 60_000,
      endMs: 1_000_000,
      filters: [
        { key: 'x', operator: '=', value: '1' },
        { key: 'service', operator: '=', value: 'a' },
        { key: 'version', operator: '=', value: 'v2' },
      ],
      nowMs: 1_000_000,
    });
  });
});

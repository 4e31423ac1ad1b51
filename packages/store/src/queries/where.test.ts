import { CloverError, parseFilter } from '@clover/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { queryParams } from './query-params.ts';
import { durationNs, filterCondition, timeCondition } from './where.ts';

function condition(...texts: string[]) {
  const params = queryParams();
  return { sql: filterCondition(texts.map(parseFilter), params), values: params.values };
}

describe('filterCondition', () => {
  test('promoted columns go by the API’s names and by the semantic conventions’', () => {
    for (const key of ['service', 'service.name'])
      expect(condition(`${key}=web`)).toEqual({
        sql: 'service = {p0:String}',
        values: { p0: 'web' },
      });
    for (const key of ['statusCode', 'http.response.status_code', 'http.status_code'])
      expect(condition(`${key}=503`)).toEqual({
        sql: 'http_status = {p0:Float64}',
        values: { p0: 503 },
      });
  });
  test('durations take a unit', () => {
    expect(condition('duration>250ms').values).toEqual({ p0: 250e6 });
    expect(durationNs('1.5s')).toBe(1.5e9);
    expect(durationNs('80us')).toBe(80e3);
    expect(durationNs('900')).toBe(900);
    expect(() => durationNs('soon')).toThrow(CloverError);
  });
  test('a regular expression that RE2 cannot run is refused with status 400', () => {
    for (const pattern of ['(', '(a)\\1', 'a(?=b)', '[', '*']) {
      expect(() => condition(`url=~${pattern}`)).toThrow(
        expect.objectContaining({ code: 'filter.bad_regex', status: 400 }),
      );
    }
    expect(condition('url=~(?i)^/api/.*').sql).toContain('match(');
  });
  test('values and attribute keys are bound, never part of the text', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[^=!<>~\s]{1,20}$/),
        fc.constantFrom('=', '!='),
        fc.string({ maxLength: 30 }).filter((value) => !/^\s*[=~<>]/.test(value)),
        (key, operator, value) => {
          const { sql, values } = condition(`x${key}${operator}${value}`);
          expect(sql).not.toContain(`x${key}`);
          if (value.trim().length > 8) expect(sql).not.toContain(value.trim());
          expect(Object.values(values)).toContain(value.trim());
        },
      ),
    );
  });
  test('none is always true', () => {
    expect(condition().sql).toBe('1');
  });
});

test('timeCondition starts at the bucket that holds the start', () => {
  const params = queryParams();
  timeCondition({ startMs: 301_500.7, endMs: 400_001 }, params);
  expect(Object.values(params.values)).toEqual([300, 401, 301_500, 400_001]);
  const whole = queryParams();
  expect(timeCondition({ startMs: 300_000, endMs: 900_000 }, whole)).not.toContain('start');
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAge, parseDurationMs, parseTimeMs, parseTimeRange } from './time.ts';

const now = Date.parse('2026-01-31T12:00:00Z');

describe('parseDurationMs', () => {
  it('reads numbers with units, also several', () => {
    expect(parseDurationMs('250ms')).toBe(250);
    expect(parseDurationMs('1h30m')).toBe(5_400_000);
    expect(parseDurationMs('1.5s')).toBe(1500);
    expect(parseDurationMs(' 7d ')).toBe(604_800_000);
  });

  it('refuses anything else as a CloverError', () => {
    for (const text of ['', '5', 'm', '5 m', '-5m', '5m!', '1h 30m'])
      expect(() => parseDurationMs(text)).toThrow(
        expect.objectContaining({ code: 'time.bad_duration' }),
      );
  });
});

describe('parseTimeMs', () => {
  it('reads RFC 3339, unix milliseconds and seconds, now and before now', () => {
    expect(parseTimeMs('2026-01-31T12:00:00Z', 0)).toBe(now);
    expect(parseTimeMs('2026-01-31T13:00:00+01:00', 0)).toBe(now);
    expect(parseTimeMs(String(now), 0)).toBe(now);
    expect(parseTimeMs(String(now / 1000), 0)).toBe(now);
    expect(parseTimeMs('now', now)).toBe(now);
    expect(parseTimeMs('now-15m', now)).toBe(now - 900_000);
  });

  it('either gives a finite number or throws a CloverError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-0-9T:Z.nowm ]+$/)), (text) => {
        try {
          expect(Number.isFinite(parseTimeMs(text, now))).toBe(true);
        } catch (error) {
          expect((error as Error).name).toBe('CloverError');
        }
      }),
    );
  });
});

describe('parseTimeRange', () => {
  it('ends now and takes since from its end', () => {
    expect(parseTimeRange({ since: '1h' }, now)).toEqual({ startMs: now - 3_600_000, endMs: now });
    expect(parseTimeRange({ since: '1h', end: 'now-1h' }, now).startMs).toBe(now - 7_200_000);
  });

  it('refuses a range that is empty', () => {
    expect(() => parseTimeRange({ start: 'now', end: 'now-1m' }, now)).toThrow(
      expect.objectContaining({ code: 'time.empty_range' }),
    );
  });
});

it('says an age in the unit that fits', () => {
  expect([0, 400, 119_000, 300_000, 3 * 3_600_000, 49 * 3_600_000].map(formatAge)).toEqual([
    '0 s',
    '0 s',
    '119 s',
    '5 min',
    '3 h',
    '2 days',
  ]);
});

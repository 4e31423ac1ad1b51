import { describe, expect, it } from 'vitest';
import { retentionStatements } from './retention.ts';

const daysOf = (spansDays: number) =>
  Number(
    /toIntervalDay\((\d+)\)/.exec(
      retentionStatements({ spansDays, rollupsDays: 1, metricsDays: 1 }).find(
        ({ table }) => table === 'spans',
      )!.ttl,
    )![1],
  );

describe('retentionStatements', () => {
  it('keeps whole days, at least one, and the day that has begun', () => {
    expect(daysOf(7)).toBe(8);
    expect(daysOf(0.5)).toBe(2);
  });

  it('never reaches past the last time that the engine knows', () => {
    expect(daysOf(36_500)).toBe(20_001);
    expect(Date.now() + daysOf(Infinity) * 86_400_000).toBeLessThan(Date.parse('2106-02-07'));
  });
});

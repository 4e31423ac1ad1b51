import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloverError } from '@clover/model';
import { askWindows, type TimeWindow } from './jaeger-windows.ts';

/** A search that cuts at the limit and says nothing. */
function search(times: readonly number[]) {
  const seen = new Set<number>();
  const ask = async (window: TimeWindow, limit: number) => {
    const hits = times
      .map((time, i) => [time, i] as const)
      .filter(([time]) => time >= window.startMicros && time <= window.endMicros)
      .slice(0, limit);
    for (const [, i] of hits) seen.add(i);
    return hits.length;
  };
  return { ask, seen };
}

describe('askWindows', () => {
  it('finds every trace whatever the limit, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        async (times, limit) => {
          const { ask, seen } = search(times);
          const window = { startMicros: 0, endMicros: 5000 };
          const coverage = await askWindows(window, { ask, limit, highestLimit: 1000 });
          expect(seen.size).toBe(times.length);
          expect(coverage).toMatchObject({ totalMicros: 5001, completeMicros: 5001, cut: 0 });
        },
      ),
    );
  });

  it('asks once where the answer stays below the limit', async () => {
    const { ask } = search([1, 2, 3]);
    const coverage = await askWindows(
      { startMicros: 0, endMicros: 9 },
      { ask, limit: 4, highestLimit: 8 },
    );
    expect(coverage.requests).toBe(1);
  });

  it('counts the microseconds that even the highest limit cuts', async () => {
    const { ask } = search(Array<number>(50).fill(7));
    const coverage = await askWindows(
      { startMicros: 0, endMicros: 9 },
      { ask, limit: 5, highestLimit: 20 },
    );
    expect(coverage).toMatchObject({ cut: 1, completeMicros: 9, totalMicros: 10 });
  });

  it('counts a window as cut when the highest limit is refused, but fails when the source is away', async () => {
    const window = { startMicros: 0, endMicros: 0 };
    const failing = (code: string) => async (_: TimeWindow, limit: number) => {
      if (limit > 5) throw new CloverError(code, 'no');
      return limit;
    };
    const refused = await askWindows(window, {
      ask: failing('pull.bad_answer'),
      limit: 5,
      highestLimit: 20,
    });
    expect(refused).toMatchObject({ cut: 1, completeMicros: 0 });
    const away = askWindows(window, {
      ask: failing('pull.unreachable'),
      limit: 5,
      highestLimit: 20,
    });
    await expect(away).rejects.toMatchObject({ code: 'pull.unreachable' });
  });
});

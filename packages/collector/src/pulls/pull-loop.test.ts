import { describe, expect, it } from 'vitest';
import type { Clock } from '../queue-limits.ts';
import { createPullLoop } from './pull-loop.ts';
import { createRecentKeys } from './recent-keys.ts';

/** A clock that jumps from timer to timer. */
function jumpingClock() {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    clock,
    async jump() {
      const next = timers.sort((a, b) => a.at - b.at).shift();
      if (next === undefined) throw new Error('no timer');
      now = next.at;
      next.callback();
      await new Promise((resolve) => setImmediate(resolve));
      return now;
    },
    waiting: () => timers.length,
  };
}

describe('createPullLoop', () => {
  it('pulls each interval, backs off with jitter while the source is down, and comes back', async () => {
    const { clock, jump } = jumpingClock();
    const states: string[] = [];
    let fails = false;
    const loop = createPullLoop({
      intervalMs: 1000,
      maxBackoffMs: 10_000,
      clock,
      random: () => 1,
      onChange: ({ state }) => void states.push(state),
      pull: async () => {
        if (fails) throw new Error('connection refused');
        return 'fine';
      },
    });
    expect(loop.status().state).toBe('off');
    loop.start();
    expect(loop.status().state).toBe('starting');
    expect([await jump(), await jump(), await jump()]).toEqual([0, 1000, 2000]);
    fails = true;
    expect(await jump()).toBe(3000);
    expect(loop.status()).toMatchObject({
      state: 'down',
      detail: 'connection refused',
      failures: 1,
    });
    expect([await jump(), await jump(), await jump(), await jump()]).toEqual([
      5000, 9000, 17_000, 27_000,
    ]);
    fails = false;
    expect(await jump()).toBe(37_000);
    expect(loop.status()).toMatchObject({
      state: 'up',
      failures: 0,
      lastError: 'connection refused',
    });
    expect(await jump()).toBe(38_000);
    await loop.close();
    expect(states).toEqual(['up', 'down', 'up', 'off']);
  });

  it('ends a pull under way when it is closed', async () => {
    const { clock, jump, waiting } = jumpingClock();
    const loop = createPullLoop({
      intervalMs: 1000,
      clock,
      pull: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    });
    loop.start();
    await jump();
    await loop.close();
    expect(loop.status()).toMatchObject({ state: 'off', lastError: null });
    expect(waiting()).toBe(0);
  });
});

describe('createRecentKeys', () => {
  it('remembers at least its capacity and never twice that', () => {
    const keys = createRecentKeys(100);
    for (let i = 0; i < 1000; i++) {
      keys.add(String(i));
      expect(keys.has(String(Math.max(0, i - 49)))).toBe(true); // asking counts as adding
      expect(keys.size).toBeLessThanOrEqual(200);
    }
    expect(keys.has('0')).toBe(false);
  });
});

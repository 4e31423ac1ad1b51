import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNameResolver } from './name-resolver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createNameResolver', () => {
  it('looks up again, tells of changes only, and keeps the last answer when a lookup fails', async () => {
    const answers: (string[] | Error)[] = [
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.1', '10.0.0.2'],
      new Error('no'),
      ['10.0.0.3'],
    ];
    let asked = 0;
    let changes = 0;
    const names = createNameResolver({
      resolve: () => {
        const answer = answers[asked++]!;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      changed: () => void changes++,
    });
    names.watch(['a']);
    expect(names.addresses('a')).toBeUndefined();
    await names.ready();
    expect(names.addresses('a')).toEqual(['10.0.0.1', '10.0.0.2']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked, changes]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(names.addresses('a')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(names.failures()).toEqual(new Map([['a', 'no']]));
    await vi.advanceTimersByTimeAsync(1000);
    expect(names.addresses('a')).toEqual(['10.0.0.3']);
    expect(names.failures().size).toBe(0);
    names.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toBe(4);
  });

  it('asks for a bounded number of names at a time', async () => {
    let running = 0;
    let most = 0;
    const names = createNameResolver({
      resolve: async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        return ['10.0.0.1'];
      },
      changed: () => {},
      concurrency: 3,
    });
    names.watch(Array.from({ length: 20 }, (_, index) => `n${index}`));
    await names.ready();
    expect(most).toBe(3);
    expect(names.addresses('n19')).toEqual(['10.0.0.1']);
    names.close();
  });
});

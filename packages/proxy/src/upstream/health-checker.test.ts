import { describe, expect, it } from 'vitest';
import { createHealthState } from './health-checker.ts';

describe('createHealthState', () => {
  it('lets the first answer decide at once', () => {
    const state = createHealthState({ healthyThreshold: 3, unhealthyThreshold: 3 });
    expect(state.healthy).toBe(false);
    state.note('passed');
    expect(state.healthy).toBe(true);
  });

  it('wants failures in a row, but one wrong status', () => {
    const state = createHealthState({ healthyThreshold: 2, unhealthyThreshold: 2 });
    for (const result of ['passed', 'unreachable', 'passed', 'unreachable'] as const)
      state.note(result);
    expect(state.healthy).toBe(true);
    state.note('unreachable');
    expect(state.healthy).toBe(false);
    state.note('passed');
    expect(state.healthy).toBe(false);
    state.note('passed');
    expect(state.healthy).toBe(true);
    state.note('wrongStatus');
    expect(state.healthy).toBe(false);
  });
});

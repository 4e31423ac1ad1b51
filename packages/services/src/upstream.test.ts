import { describe, expect, it } from 'vitest';
import { createTurn } from './upstream.ts';

const endpoint = (port: number, weight: number) => ({ host: '127.0.0.1', port, weight });

describe('createTurn', () => {
  it('spreads by weight and never leaves the lighter one to the end', () => {
    const turn = createTurn([endpoint(1, 4), endpoint(2, 1)]);
    const ports = Array.from({ length: 10 }, () => turn().port);
    expect(ports).toEqual([1, 1, 2, 1, 1, 1, 1, 2, 1, 1]);
  });

  it('takes equal endpoints in turn', () => {
    const turn = createTurn([endpoint(1, 1), endpoint(2, 1), endpoint(3, 1)]);
    expect(Array.from({ length: 6 }, () => turn().port)).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

import { describe, expect, it } from 'vitest';
import { findPart, titleWith } from './parts.ts';

describe('findPart', () => {
  it('takes the program that the variable names', () => {
    const part = findPart('jaeger', { JAEGER: process.execPath });
    expect(part).toEqual({ name: 'jaeger', path: process.execPath, missing: '' });
  });

  it('says what would get a part that is not here', () => {
    const part = findPart('jaeger', { PATH: '/nowhere' });
    expect(part.path).toBeUndefined();
    expect(part.missing).toContain('JAEGER=');
  });

  it('refuses a variable that names no program', () => {
    expect(() => findPart('envoy', { ENVOY: '/no/such/envoy' })).toThrow('ENVOY=/no/such/envoy');
  });

  it('insists on every part when CI says so', () => {
    expect(() => findPart('jaeger', { PATH: '', CLOVER_TEST_PARTS: 'required' })).toThrow(
      'no jaeger here',
    );
  });

  it('leaves a title alone when nothing is missing', () => {
    expect(titleWith('a suite')).toBe('a suite');
  });
});

import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test('a swapped, missing or extra letter finds the known name', () => {
  const known = ['service', 'version', 'since', 'start', 'filter'];
  expect(nearest('sevrice', known)).toBe('service');
  expect(nearest('servic', known)).toBe('service');
  expect(nearest('versions', known)).toBe('version');
});

test('case, dashes and underscores do not count', () => {
  expect(nearest('OTLP_GRPC_PORT', ['otlpHttpPort', 'otlpGrpcPort'])).toBe('otlpGrpcPort');
});

test('a name that is like none gives nothing', () => {
  expect(nearest('banana', ['service', 'version'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});

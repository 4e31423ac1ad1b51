import { expect, it } from 'vitest';
import { presetVersions } from './preset-versions.ts';

const services = [
  { service: 'front', versions: ['v1'], requests: 900 },
  { service: 'lb', versions: ['v10', 'v9', 'v2'], requests: 500 },
  { service: 'cart', versions: ['a', '', 'b'], requests: 40 },
];

it('begins with the two newest versions of the busiest service that has two', () => {
  expect(presetVersions(services, '')).toEqual({ service: 'lb', a: 'v9', b: 'v10' });
});

it('stays with the service that was chosen', () => {
  expect(presetVersions(services, 'cart')).toEqual({ service: 'cart', a: 'a', b: 'b' });
  expect(presetVersions(services, 'front')).toBeUndefined();
});

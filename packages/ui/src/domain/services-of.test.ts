import { expect, it } from 'vitest';
import { servicesOf } from './services-of.ts';

it('finds the services of lists, graphs, traces and pages of traces', () => {
  expect(servicesOf({ items: [{ service: 'a' }, { service: '' }] })).toEqual(['a']);
  expect(servicesOf({ nodes: [{ service: 'a' }], edges: [{ from: 'a', to: 'x' }] })).toEqual(['a']);
  expect(
    servicesOf({ pages: [{ items: [{ rootService: 'a', services: [{ service: 'b' }] }] }] }),
  ).toEqual(['a', 'b']);
  expect(servicesOf({ series: [1, 2], timesMs: [1] })).toEqual([]);
  expect(servicesOf(undefined)).toEqual([]);
});

import type { TrafficResource } from '@clover/model';
import { expect, it } from 'vitest';
import { declaredRoutes } from './declared-routes.ts';

const virtualService = (http: unknown[]) =>
  ({
    kind: 'VirtualService',
    namespace: 'default',
    name: 'lb',
    spec: { hosts: ['http-lb'], http },
  }) as unknown as TrafficResource;

it('tells shares, and what a rule does beside', () => {
  const [rule] = declaredRoutes([
    virtualService([
      {
        name: 'split',
        route: [
          { destination: { host: 'http-lb', subset: 'v1' }, weight: 30 },
          { destination: { host: 'http-lb.default.svc.cluster.local', subset: 'v2' }, weight: 10 },
        ],
        mirror: { host: 'snort-ids' },
        mirrorPercentage: { value: 10 },
        fault: { abort: { httpStatus: 503, percentage: { value: 5 } } },
        timeout: '3s',
      },
    ]),
  ]);
  expect(rule).toMatchObject({
    virtualService: 'default/lb',
    when: 'everything else',
    destinations: [
      { name: 'http-lb v1', weight: 30, share: 0.75 },
      { name: 'http-lb v2', weight: 10, share: 0.25 },
    ],
    also: ['mirrors 10 % to snort-ids', 'aborts 5 % with 503', 'timeout 3s'],
  });
});

it('reads a single destination as all, and matches as words', () => {
  const [rule] = declaredRoutes([
    virtualService([
      {
        match: [
          { uri: { prefix: '/test' }, headers: { 'user-agent': { regex: '.*Chrome.*' } } },
          { method: { exact: 'PUT' }, queryParams: { debug: {} } },
        ],
        route: [{ destination: { host: 'a' } }],
      },
    ]),
  ]);
  expect(rule!.when).toBe('/test*, user-agent ~ .*Chrome.* or method = PUT, ?debug is there');
  expect(rule!.destinations).toEqual([{ name: 'a', weight: 100, share: 1 }]);
});

it('has nothing to say about other kinds', () => {
  expect(declaredRoutes([{ kind: 'Gateway', spec: {} } as unknown as TrafficResource])).toEqual([]);
});

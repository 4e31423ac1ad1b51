import { expect, it } from 'vitest';
import { compile, decide, readResources, type Resource } from '@clover/traffic';
import type { Fault } from './fault.ts';
import { overlayFaults } from './overlay.ts';

const { resources } = readResources([
  {
    name: 'mesh.yaml',
    text: `
apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: clover-server1}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec:
  hosts: [http-lb]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /}
  - route: [{destination: {host: http-lb}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: ['*']
  gateways: [edge]
  http:
  - route: [{destination: {host: http-lb}}]
`,
  },
]);
const fault = (service: string, more: Partial<Fault> = {}): Fault => ({
  service,
  namespace: 'default',
  abortStatus: 503,
  delayMs: null,
  percent: 10,
  startedAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2026-01-01T00:05:00.000Z',
  author: 'local',
  reason: '',
  ...more,
});
const sidecar = { via: 'sidecar', namespace: 'default', labels: {} } as const;
const faultAt = (all: readonly Resource[], host: string) =>
  decide(compile(all), sidecar, { method: 'GET', path: '/', headers: { host }, port: 9180 }).fault;

it('changes every rule that sends requests to the service, and leaves redirects alone', () => {
  const { resources: all, routes } = overlayFaults(resources, [fault('http-lb')]);
  expect(routes).toEqual([['default/lb http[1]', 'default/edge http[0]']]);
  expect(all).toHaveLength(resources.length);
  expect(faultAt(all, 'http-lb')).toEqual({
    delay: undefined,
    abort: { httpStatus: 503, grpcStatus: '', probability: 0.1 },
  });
  expect(
    decide(
      compile(all),
      { via: 'gateway', namespace: 'default', labels: { istio: 'ingressgateway' } },
      { method: 'GET', path: '/', headers: { host: 'sdc' }, port: 80 },
    ).fault?.abort?.probability,
  ).toBe(0.1);
});

it('gives a service that no VirtualService owns one for as long', () => {
  const { resources: all, routes } = overlayFaults(resources, [
    fault('clover-server1', { abortStatus: null, delayMs: 1500, percent: 100 }),
  ]);
  expect(routes).toEqual([[]]);
  expect(faultAt(all, 'clover-server1')).toEqual({
    delay: { durationMs: 1500, probability: 1 },
    abort: undefined,
  });
  expect(faultAt(all, 'http-lb')).toBeUndefined();
});

it('leaves the resources as they are without a fault', () => {
  expect(overlayFaults(resources, []).resources).toBe(resources);
});

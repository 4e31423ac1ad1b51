// Decisions a second and compile time with 1,000 VirtualServices.
// Usage: ./clover bench routing

import { availableParallelism } from 'node:os';
import { compile, decide, type Caller, type Resource, type TrafficRequest } from '@clover/traffic';

const SERVICES = 1000;
const resources = Array.from({ length: SERVICES }, (_, index): Resource[] => {
  const name = `svc-${index}`;
  const metadata = { name, namespace: 'default' };
  const route = (subset: string) => [{ destination: { host: name, subset } }];
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80, name: 'http' }] } },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata,
      spec: {
        host: name,
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata,
      spec: {
        hosts: [name],
        http: [
          { match: [{ headers: { 'x-user': { exact: 'jason' } } }], route: route('v2') },
          {
            match: [
              { uri: { prefix: '/api/' }, method: { exact: 'POST' } },
              { uri: { exact: '/login' } },
            ],
            route: route('v1'),
          },
          { match: [{ uri: { regex: '/v[0-9]+/.*' } }], route: route('v2') },
          {
            route: [
              { destination: { host: name, subset: 'v1' }, weight: 80 },
              { destination: { host: name, subset: 'v2' }, weight: 20 },
            ],
          },
        ],
      },
    },
  ];
}).flat();

const caller: Caller = {
  via: 'sidecar',
  namespace: 'default',
  labels: { app: 'load', version: 'v1' },
};
const request = (index: number): TrafficRequest => ({
  method: index % 3 === 0 ? 'POST' : 'GET',
  path: ['/', '/api/orders/17?page=2', '/login', '/v2/items', '/static/app.js'][index % 5]!,
  headers: {
    host: `svc-${index % SERVICES}:80`,
    'user-agent': 'bench',
    ...(index % 7 === 0 && { 'x-user': 'jason' }),
  },
  port: 80,
});
const requests = Array.from({ length: 10_000 }, (_, index) => request(index * 7919));

const compileMs = median(
  Array.from({ length: 7 }, () => {
    const start = performance.now();
    compile(resources).view(caller, 80);
    return performance.now() - start;
  }),
);
const table = compile(resources);
const perSecond = median(
  Array.from({ length: 7 }, () => {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 500) {
      for (const one of requests) decide(table, caller, one);
      count += requests.length;
    }
    return (count / (performance.now() - start)) * 1000;
  }),
);
console.log(
  `cores ${availableParallelism()} · ${SERVICES} VirtualServices · compile ${compileMs.toFixed(0)} ms · ${(perSecond / 1e6).toFixed(2)} million decisions/s on one thread`,
);

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { KnownAnswer } from './asked-request.ts';
import { createCallerFinder } from './find-caller.ts';
import { explainRequest } from './explain-request.ts';
import { policyOf } from './policy.ts';

const { resources } = readResources([
  {
    name: 'mesh.yaml',
    text: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
  - {address: 127.0.0.1, ports: {http: 8001}, labels: {version: v1}}
  - {address: 127.0.0.1, ports: {http: 8002}, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a.test
  trafficPolicy:
    loadBalancer: {simple: RANDOM}
    connectionPool: {http: {maxRetries: 3}}
    portLevelSettings: [{port: {number: 80}, connectionPool: {http: {maxRetries: 5}}}]
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}, trafficPolicy: {connectionPool: {http: {maxRetries: 7}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a.test]
  http:
  - {match: [{uri: {exact: /r}}], redirect: {uri: /n}, headers: {response: {set: {x-r: '1'}}}}
  - {match: [{uri: {exact: /d}}], directResponse: {status: 201, body: {string: hi}}}
  - match: [{uri: {exact: /f}}]
    fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
    route: [{destination: {host: a.test, subset: v1}}]
  - match: [{uri: {prefix: /s}}]
    rewrite: {uri: /z}
    headers: {request: {set: {x-s: '1'}}, response: {remove: [x-up]}}
    route:
    - {destination: {host: a.test, subset: v1}, weight: 1}
    - {destination: {host: a.test, subset: v2}, weight: 1}
  - {match: [{uri: {exact: /gone}}], route: [{destination: {host: nobody.test}}]}
`,
  },
]);
const table = compile(resources);
const finder = createCallerFinder(table, resources, [], { via: 'sidecar' });

const differs = (path: string, answer: KnownAnswer, host = 'a.test') =>
  explainRequest(table, finder, { method: 'GET', path, headers: { host }, whole: true, answer })
    .difference;

describe('an answer', () => {
  it('of a redirect fits by status, place and headers', () => {
    const headers = { location: 'http://a.test/n', 'x-r': '1' };
    expect(differs('/r', { status: 301, headers })).toBeUndefined();
    expect(differs('/r', { status: 301 })).toBeUndefined();
    expect(differs('/r', { status: 302 })).toBe('redirect 301, not 302');
    expect(differs('/r', { status: 301, headers: { ...headers, location: '/n' } })).toContain(
      'to /n',
    );
    expect(differs('/r', { status: 301, headers: { location: headers.location } })).toContain(
      'x-r',
    );
  });

  it('of the proxy itself fits by status and body', () => {
    expect(differs('/d', { status: 201, body: 'hi' })).toBeUndefined();
    expect(differs('/d', { status: 201, body: 'ho' })).toContain('body');
    expect(differs('/f', { status: 418 })).toBeUndefined();
    expect(differs('/f', { status: 200 })).toBe('an abort with 418, not 200');
    expect(differs('/none', { status: 404 })).toBeUndefined();
    expect(differs('/none', { status: 200 })).toBe('404 by the proxy, not 200');
    expect(differs('/gone', { status: 503 })).toBeUndefined();
    expect(differs('/', { status: 200 }, 'else.test')).toBeUndefined();
  });

  it('of an upstream fits when it is one of the destinations and saw what it should', () => {
    const headers = { host: 'a.test', 'x-s': '1' };
    const up = (port: number, more: object = {}) => ({
      status: 200,
      headers: {},
      up: { port, path: '/z', headers, ...more },
    });
    expect([differs('/s', up(8001)), differs('/s', up(8002))]).toEqual([undefined, undefined]);
    expect(differs('/s', up(8003))).toContain('not port 8003');
    expect(differs('/s', up(8001, { path: '/s' }))).toBe('path /z, not /s');
    expect(differs('/s', up(8001, { headers: { host: 'a.test' } }))).toContain(
      'x-s: 1, not undefined',
    );
    expect(differs('/s', { ...up(8001), headers: { 'x-up': '1' } })).toContain(
      'x-up is still there',
    );
    const destination = { host: 'a.test', subset: 'v1', port: 80 };
    expect(differs('/s', { status: 200, destination })).toBeUndefined();
    expect(differs('/s', { status: 200, destination: { ...destination, subset: '' } })).toContain(
      'not 200 from a.test',
    );
  });
});

it('a policy is that of the port instead of all others, with the subset’s blocks over it', () => {
  const { caller } = finder.find({
    method: 'GET',
    path: '/',
    headers: { host: 'a.test' },
    whole: true,
  });
  const settings = (subset: string, port: number) =>
    policyOf(table, caller, { host: 'a.test', subset, port })?.settings;
  expect(settings('v1', 80)).toEqual([['connectionPool.http.maxRetries', '5']]);
  expect(settings('v2', 80)).toEqual([['connectionPool.http.maxRetries', '7']]);
  expect(settings('v1', 81)).toEqual([
    ['loadBalancer.simple', 'RANDOM'],
    ['connectionPool.http.maxRetries', '3'],
  ]);
});

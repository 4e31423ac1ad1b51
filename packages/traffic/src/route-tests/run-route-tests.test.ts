import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import { readRouteTests } from './route-test.ts';
import { runRouteTests } from './run-route-tests.ts';

const MESH = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [www.sdc.com]}]
---
apiVersion: v1
kind: Service
metadata: {name: proxy-access-control}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: www}
spec:
  hosts: [www.sdc.com]
  gateways: [edge]
  http:
  - name: old
    match: [{uri: {prefix: /old/}}]
    redirect: {uri: /new, redirectCode: 302}
  - name: all
    route: [{destination: {host: proxy-access-control}}]
`;

const run = (tests: string) => {
  const { resources } = readResources([{ name: 'mesh.yaml', text: MESH }]);
  return runRouteTests(
    compile(resources),
    resources,
    readRouteTests({ name: 'tests.yaml', text: tests }),
  );
};

describe('route tests', () => {
  it('try every combination, and say what was met instead', () => {
    const { results } = run(`testCases:
- description: chrome and curl go to the proxy
  wantMatch: true
  request: {authority: [www.sdc.com], method: [GET, POST], uri: [/, /test]}
  route: [{destination: {host: proxy-access-control}}]
- description: the old path is gone
  wantMatch: true
  request: {authority: [www.sdc.com], uri: [/old/x]}
  redirect: {uri: /newer}
- description: not to itself
  wantMatch: false
  request: {authority: [www.sdc.com], uri: [/a]}
  redirect: {}
`);
    expect(results.map((one) => one.passed)).toEqual([true, false, true]);
    expect(results[1]!.failures).toEqual([
      'GET http://www.sdc.com/old/x: redirect path is "/new", expected "/newer"',
    ]);
  });

  it('count which rules they met', () => {
    const { coverage } = run(
      `testCases:\n- description: one\n  wantMatch: true\n  request: {authority: [www.sdc.com], uri: [/, /a]}\n`,
    );
    expect(coverage.map((one) => [one.ref.ruleName, one.hits])).toEqual([
      ['old', 0],
      ['all', 2],
    ]);
  });

  it('refuse a file with a misspelt field, with its place', () => {
    expect(() => run('testCases:\n- descripton: x\n  request: {}\n')).toThrow(
      expect.objectContaining({
        code: 'traffic.bad_route_tests',
        issues: [
          { at: 'tests.yaml:2:3', message: expect.stringContaining('unknown field descripton') },
        ],
      }),
    );
  });

  it('take the forms of istio-config-validator: several documents, queries, schemes, headers, delegates', () => {
    const mesh = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root}
spec:
  hosts: [shop.example]
  http:
  - match: [{uri: {prefix: /a}}]
    delegate: {name: part}
  - match: [{queryParams: {v: {exact: "2"}, flag: {exact: ""}}}]
    route: [{destination: {host: two.default.svc.cluster.local}}]
    headers: {request: {set: {x-set: ok}, remove: [x-gone]}}
  - match: [{scheme: {exact: https}}]
    route: [{destination: {host: safe.default.svc.cluster.local}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part}
spec:
  http:
  - match: [{uri: {prefix: /a/b}}]
    route: [{destination: {host: part.default.svc.cluster.local}}]
`;
    const { resources } = readResources([{ name: 'mesh.yaml', text: mesh }]);
    const { results, coverage } = runRouteTests(
      compile(resources),
      resources,
      readRouteTests({
        name: 'tests.yaml',
        text: `TestCases:
- description: delegate
  request: {authority: [shop.example], method: [GET, POST], uri: [/a/b]}
  delegate: {name: part}
- description: query and headers
  request: {authority: [shop.example], uri: [/], queryParams: {v: 2, flag: null}}
  headers: {request: {set: {x-set: ok}, remove: [x-gone]}}
---
testCases:
- description: scheme
  request: {authority: [shop.example], uri: [/], scheme: https}
  route: [{destination: {host: safe.default.svc.cluster.local}}]
  headers: {request: {set: {x-set: ok}}}
  delegate: {name: part, namespace: default}
`,
      }),
    );
    expect(results.map((one) => one.failures)).toEqual([
      [],
      [],
      [
        'GET http://shop.example/: request headers: does not set x-set: ok',
        'GET http://shop.example/: delegate is none, expected default/part',
      ],
    ]);
    expect(coverage.map((one) => one.hits)).toEqual([1, 1, 2]);
  });
});

// The commands over Istio resources, run as programs: no controller, no cluster.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'clover-traffic-'));
const main = new URL('../dist/main.js', import.meta.url).pathname;
beforeAll(() => {
  writeFileSync(
    join(folder, 'mesh.yaml'),
    `apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec:
  hosts: [http-lb]
  http:
  - name: all
    route: [{destination: {host: http-lb}}]
  - name: late
    match: [{uri: {prefix: /test/}}]
    route: [{destination: {host: http-lbb}}]
`,
  );
  writeFileSync(
    join(folder, 'routes.tests'),
    `testCases:
- description: everything goes to the load balancer
  wantMatch: true
  request: {authority: [http-lb], uri: [/, /test/x]}
  port: 9180
  route: [{destination: {host: http-lb}}]
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { stdout, stderr, status };
};

it('analyze says what is wrong, where, and exits with 3', () => {
  expect(run('analyze', '-f', '.')).toEqual({
    status: 3,
    stdout: `mesh.yaml:15:13 error CLV301
  no request can reach this: all takes all of them before (for example GET http://http-lb.default.svc.cluster.local/test/, taken by default/lb all)  VirtualService default/lb
  → move it before all
mesh.yaml:16:28 error CLV202
  no service http-lbb.default.svc.cluster.local is declared  VirtualService default/lb
  → did you mean http-lb.default.svc.cluster.local?
`,
    stderr: '2 errors\n',
  });
});

it('test routes tells which tests pass and which rules nobody met', () => {
  expect(run('test', 'routes', '-f', 'mesh.yaml', '--tests', 'routes.tests')).toEqual({
    status: 0,
    stdout: 'pass  everything goes to the load balancer\nunmet default/lb http[1].match[0] late\n',
    stderr: '1 of 1 tests pass, 1 of 2 rules met\n',
  });
  expect(
    run('test', 'routes', '-f', 'mesh.yaml', '--tests', 'routes.tests', '--all-rules').status,
  ).toBe(3);
});

it('a file that is not there is a usage error', () => {
  expect(run('analyze', '-f', 'nowhere.yaml')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('nowhere.yaml'),
  });
});

const examples = new URL('../../../examples/traffic/', import.meta.url).pathname;
const runExample = (...args: string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd: examples,
    env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1', LANG: 'C.UTF-8' },
  });
  return { stdout, stderr, status };
};

it('explain tells where a request goes, what is done to it, and why', () => {
  expect(
    runExample(
      'explain',
      '-f',
      'mesh',
      'GET',
      'http://http-lb:9180/test',
      '--from',
      'proxy-access-control',
    ),
  ).toEqual({
    status: 0,
    stderr: '',
    stdout: `GET http://http-lb:9180/test  sidecar in default (app=proxy-access-control, version=v1), port 9180
  virtual host http-lb.default.svc.cluster.local:9180

→ http-lb.default.svc.cluster.local:9180  v1    70 %  ━━━━━━━━━━━━━━──────  default/http-lb
→ http-lb.default.svc.cluster.local:9180  v2    30 %  ━━━━━━──────────────  default/http-lb
  fault    abort with 503 for 5 %
  mirror   snort-ids.default.svc.cluster.local:9180 gets a copy of 10 %
  retries  2 on connect-failure,refused-stream,unavailable,cancelled
  policy   loadBalancer.simple ROUND_ROBIN
  policy   connectionPool.http.http1MaxPendingRequests 100 (v1)
  policy   connectionPool.http.http1MaxPendingRequests 10 (v2)

Why
✘ default/http-lb canary  headers["x-canary"] wants exact "yes", the request has none  mesh/http-lb.yaml:9
✔ default/http-lb split   takes every request  mesh/http-lb.yaml:13
`,
  });
  const json = runExample(
    'explain',
    '-f',
    'mesh',
    'http://www.sdc.com/test/a',
    '-H',
    'User-Agent: Chrome/130',
    '-o',
    'json',
  );
  expect(JSON.parse(json.stdout)).toMatchObject({
    caller: { via: 'gateway', labels: { istio: 'ingressgateway' } },
    rule: { virtualService: 'default/sdc-front', name: 'tests' },
    path: '//a',
    destinations: [{ subset: 'v2', probability: 1 }],
    rules: [{ verdict: 'failed' }, { verdict: 'matched' }, { verdict: 'after' }],
  });
});

it('explain answers for a host that nobody declared, though its port carries something', () => {
  const mesh = new URL('../../../examples/egress/mesh', import.meta.url).pathname;
  for (const asked of [[], ['GET']]) {
    const told = run('explain', '-f', mesh, ...asked, 'http://elsewhere.example.com/');
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(told.stdout).toContain('502: nobody declared this host (REGISTRY_ONLY)');
  }
});

it('explain --requests decides a file, compares its answers and says by its exit code', () => {
  const table = runExample('explain', '-f', 'mesh', '--requests', 'requests.jsonl');
  expect(table.status).toBe(3);
  expect(table.stdout).toContain('default/http-lb canary               1  16.7 %');
  expect(table.stderr).toBe(
    'differs: line 6: GET http://http-lb:9180/: http-lb.default.svc.cluster.local:9180 v2, not 200 from http-lb.default.svc.cluster.local v1\n6 requests, 3 of 4 answers as the rules say\n',
  );
  const lines = runExample('explain', '-f', 'mesh', '--requests', 'requests.jsonl', '-o', 'jsonl');
  const decided = lines.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; outcome: string; agrees?: boolean });
  expect(decided.map((one) => [one.line, one.outcome, one.agrees])).toEqual([
    [1, 'forward', undefined],
    [2, 'forward', true],
    [3, 'redirect', true],
    [4, 'notFound', true],
    [5, 'forward', undefined],
    [6, 'forward', false],
  ]);
});

it('explain reads gzip from stdin, access logs and documents on several lines', () => {
  const log = `[2026-11-23T01:58:31.893Z] "GET /test HTTP/1.1" 200 - via_upstream - "-" 0 77 2 2 "10.244.0.1" "chrome/129" "2dafc64f-a474-9edc-8b24-e7de5186255b" "www.sdc.com" "10.244.0.9:8080" outbound|9180|v2|http-lb.default.svc.cluster.local 10.244.0.3:57110 10.244.0.3:8080 10.244.0.1:42125 - -\n`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [main, 'explain', '-f', 'mesh', '--requests', '-', '--via', 'gateway', '-o', 'json'],
    { cwd: examples, input: gzipSync(log), encoding: 'utf8' },
  );
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { requests: 1, compared: 1, agree: 1 }]);
  expect(stderr).toBe('1 requests, 1 of 1 answers as the rules say\n');
  writeFileSync(
    join(folder, 'pretty.json'),
    JSON.stringify([{ method: 'GET', path: '/', headers: { host: 'www.sdc.com' } }], null, 2),
  );
  expect(
    runExample('explain', '-f', 'mesh', '--requests', join(folder, 'pretty.json')).stderr,
  ).toBe('1 requests\n');
  writeFileSync(join(folder, 'broken.jsonl'), '{"method":"GET"}\n');
  expect(
    runExample('explain', '-f', 'mesh', '--requests', join(folder, 'broken.jsonl')),
  ).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('broken.jsonl:1: a request has method and path'),
  });
});

it('explain says what it took for granted, and keeps its neighbours', () => {
  expect(
    runExample('explain', '-f', 'mesh', 'http://http-lb:9180/', '--from', 'jmeter').stderr,
  ).toBe(
    'note: no workload jmeter is declared: taken for one with the label app=jmeter in namespace default\n',
  );
  expect(runExample('explain', '-f', 'mesh').status).toBe(2);
  expect(runExample('explain', 'errors', '-o', 'json', '--help').stdout).toContain(
    'What the failed requests have in common',
  );
});

it('diff tells which requests would meet something else, each with one to try', () => {
  const found = runExample('diff', '-f', 'mesh', '-f', 'mesh-new', '--exit-code');
  expect([found.status, found.stderr]).toEqual([
    3,
    '5 classes of requests would meet something else\n',
  ]);
  expect(found.stdout)
    .toContain(`GET http://www.sdc.com/test -H "user-agent: chrome"  gateway in default (istio=ingressgateway), port 80
  default/sdc-front tests → default/sdc-front everything
    destination: http-lb.default.svc.cluster.local:9180 v2: 100 % becomes 0 %
    destination: proxy-access-control.default.svc.cluster.local:9180: 0 % becomes 100 %
    request: path: / becomes /test
    timeout: none becomes 3000 ms
    retries: 2 on connect-failure,refused-stream,unavailable,cancelled becomes 3 on 5xx
`);
  expect(found.stdout)
    .toContain(`GET http://http-lb.default.svc.cluster.local/  sidecar in default, port 9180
  default/http-lb split → default/http-lb split
    destination: http-lb.default.svc.cluster.local:9180 v1: 70 % becomes 50 %
    destination: http-lb.default.svc.cluster.local:9180 v2: 30 % becomes 50 %
    policy: http-lb.default.svc.cluster.local:9180 v2: connectionPool.http.http1MaxPendingRequests 10 becomes 20
    fault: abort with 503 for 5 % becomes none
`);
  const json = JSON.parse(runExample('diff', '-f', 'mesh', '-f', 'mesh-new', '-o', 'json').stdout);
  expect(json).toMatchObject({ complete: true, classes: { length: 5 } });
  expect(runExample('diff', '-f', 'mesh', '-f', 'mesh', '--exit-code')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'no request and no connection would meet anything else\n',
  });
});

it('test routes writes JUnit', () => {
  const { status, stdout } = run(
    'test',
    'routes',
    '-f',
    'mesh.yaml',
    '--tests',
    'routes.tests',
    '--all-rules',
    '-o',
    'junit',
  );
  expect([status, stdout]).toEqual([
    3,
    expect.stringContaining('<testsuite name="test routes" tests="3" failures="1"'),
  ]);
});

it('analyze writes SARIF and JUnit', () => {
  const sarif = JSON.parse(run('analyze', '-f', 'mesh.yaml', '-o', 'sarif').stdout);
  expect(sarif).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'cloverctl analyze', rules: [{ id: 'CLV202' }, { id: 'CLV301' }] },
        },
        results: [
          {
            ruleId: 'CLV301',
            ruleIndex: 1,
            level: 'error',
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'mesh.yaml' },
                  region: { startLine: 15, startColumn: 13 },
                },
              },
            ],
          },
          { ruleId: 'CLV202' },
        ],
      },
    ],
  });
  const junit = run('analyze', '-f', 'mesh.yaml', '-o', 'junit');
  expect([junit.status, junit.stdout]).toEqual([
    3,
    expect.stringContaining(
      '<testsuite name="analyze" tests="2" failures="2" errors="0" skipped="0">',
    ),
  ]);
});

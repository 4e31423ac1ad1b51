// The commands over Istio resources, run as programs: no controller, no cluster.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

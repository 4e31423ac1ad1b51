import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { diffTables } from './diff/diff-tables.ts';
import { explain } from './explain.ts';
import { readResources } from './read/read-resources.ts';
import { readRouteTests } from './route-tests/route-test.ts';
import { runRouteTests } from './route-tests/run-route-tests.ts';

const mesh = (timeout = '1s') => `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root}
spec:
  hosts: [web]
  http:
  - name: r0
    match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}]
    delegate: {name: part, namespace: default}
    timeout: ${timeout}
  - name: rest
    match: [{headers: {x: {exact: y}}}]
    route: [{destination: {host: web}}]
  - route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part}
spec:
  http:
  - name: d0
    match: [{method: {exact: POST}}, {uri: {prefix: /b/x}}]
    route: [{destination: {host: web}}]
  - route: [{destination: {host: web}}]
`;
const side = (text: string) => {
  const { resources } = readResources([{ name: 'mesh.yaml', text }]);
  return { table: compile(resources), resources };
};
const { table, resources } = side(mesh());
const caller = { via: 'sidecar', namespace: 'default', labels: {} } as const;

describe('rules that a delegate brings', () => {
  const explained = (path: string) =>
    explain(table, caller, { method: 'GET', path, headers: { host: 'web' }, port: 80 });

  it('are named and numbered as they stand in the delegate’s file, with the rule that handed over', () => {
    expect(explained('/b/x/1').rule).toEqual({
      virtualService: 'default/part',
      ruleIndex: 0,
      ruleName: 'd0',
      matchIndex: 1,
      root: { virtualService: 'default/root', ruleIndex: 0, ruleName: 'r0' },
      routeName: 'r0-d0',
    });
    expect(explained('/a').rule).toMatchObject({
      virtualService: 'default/part',
      ruleIndex: 1,
      matchIndex: -1,
    });
  });

  it('leave the root’s own rules their numbers, and stand where they were handed over', () => {
    expect(explained('/').rule).toMatchObject({ virtualService: 'default/root', ruleIndex: 2 });
    expect(explained('/').rules.map(({ ref }) => `${ref.virtualService} ${ref.ruleIndex}`)).toEqual(
      [
        'default/part 0',
        'default/part 0',
        'default/part 0',
        'default/part 1',
        'default/part 1',
        'default/root 1',
        'default/root 2',
      ],
    );
  });

  it('are covered by tests as they stand in the files', () => {
    const tests = readRouteTests({
      name: 'tests.yaml',
      text: `testCases:
- description: a delegate's
  wantMatch: true
  request: {authority: [web], method: [GET], uri: [/b/x]}
  route: [{destination: {host: web}}]
`,
    });
    expect(
      runRouteTests(table, resources, tests).coverage.map(
        ({ ref, hits }) => `${ref.virtualService} ${ref.ruleIndex} ${ref.matchIndex}: ${hits}`,
      ),
    ).toEqual([
      'default/root 1 0: 0',
      'default/root 2 -1: 0',
      'default/part 0 0: 0',
      'default/part 0 1: 1',
      'default/part 1 -1: 0',
    ]);
  });

  it('differ when the root changes what they take from it', () => {
    const { classes } = diffTables(side(mesh()), side(mesh('2s')));
    expect(classes.map(({ before }) => `${before?.virtualService} ${before?.ruleIndex}`)).toEqual([
      'default/part 0',
      'default/part 1',
    ]);
  });
});

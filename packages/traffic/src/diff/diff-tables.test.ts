import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { HttpMatch, HttpRoute, Resource, StringMatch } from '../resource.ts';
import type { RuleRef } from '../route.ts';
import { diffTables, type DiffSide, type TableDiff } from './diff-tables.ts';
import { effectOf } from './effect.ts';

const side = (resources: readonly Resource[]): DiffSide => ({
  resources,
  table: compile(resources),
});

const SERVICES = `
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
`;
const read = (yaml: string): DiffSide =>
  side(readResources([{ name: 'x.yaml', text: SERVICES + yaml }]).resources);
const rules = (http: string, more = ''): DiffSide =>
  read(`apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a]
${more}  http:
${http}`);
const told = ({ classes }: TableDiff) =>
  classes.map(({ before, after, changes, witness: { request } }) => [
    `${before?.ruleName ?? '-'} > ${after?.ruleName ?? '-'}`,
    `${request.method} http://${request.headers['host']}${request.path}`,
    ...changes.map((one) => one.text),
  ]);

const SPLIT = (v1: number) => `
  - name: split
    route:
    - {destination: {host: a, subset: v1}, weight: ${v1}}
    - {destination: {host: a, subset: v2}, weight: ${100 - v1}}`;
const A = 'a.default.svc.cluster.local';

describe('the difference of two tables', () => {
  it('is nothing between equal ones, however they are written', () => {
    expect(diffTables(rules(SPLIT(30)), rules(SPLIT(30)))).toEqual({
      classes: [],
      connections: [],
      complete: true,
    });
    const twice = rules(`
  - name: x
    match: [{uri: {prefix: /x}}]
    route: [{destination: {host: a}}]
  - name: rest
    route: [{destination: {host: a}}]`);
    expect(
      told(diffTables(twice, rules('\n  - name: rest\n    route: [{destination: {host: a}}]'))),
    ).toEqual([]);
  });

  it('tells shares, with one class for all names of a host', () => {
    const diff = diffTables(rules(SPLIT(30)), rules(SPLIT(50)));
    expect(told(diff)).toEqual([
      [
        'split > split',
        `GET http://${A}/`,
        `${A}:80 v1: 30 % becomes 50 %`,
        `${A}:80 v2: 70 % becomes 50 %`,
      ],
    ]);
  });

  it('finds the requests that a new rule takes away, and those only', () => {
    const after = rules(`
  - name: beta
    match:
    - uri: {regex: '/v[0-9]+/.*'}
      headers: {x-user: {exact: ann}}
      withoutHeaders: {x-robot: {}}
      method: {exact: POST}
      queryParams: {q: {prefix: b}}
    route: [{destination: {host: a, subset: v2}}]${SPLIT(100)}`);
    expect(told(diffTables(rules(SPLIT(100)), after))).toEqual([
      ['split > beta', `POST http://${A}/v1/?q=b`, expect.any(String), expect.any(String)],
    ]);
    const [found] = diffTables(rules(SPLIT(100)), after).classes;
    expect(found!.witness.request.headers).toEqual({ host: A, 'x-user': 'ann' });
  });

  it('does not report a rule that an earlier one hides', () => {
    const all = `
  - name: all
    match: [{uri: {regex: '/(a|b).*'}}]
    route: [{destination: {host: a, subset: v1}}]`;
    const hidden = `
  - name: hidden
    match: [{uri: {prefix: /b}}]
    route: [{destination: {host: a, subset: v2}}]`;
    expect(told(diffTables(rules(all + SPLIT(100)), rules(all + hidden + SPLIT(100))))).toEqual([]);
  });

  it('tells faults, timeouts, retries, mirrors, rewrites and policies', () => {
    const plain = rules(
      '\n  - name: r\n    match: [{uri: {prefix: /a}}]\n    route: [{destination: {host: a, subset: v1}}]',
    );
    const more = rules(`
  - name: r
    match: [{uri: {prefix: /a}}]
    route: [{destination: {host: a, subset: v1}}]
    rewrite: {uri: /z}
    timeout: 2s
    retries: {attempts: 0}
    mirror: {host: a, subset: v2}
    fault: {abort: {httpStatus: 500, percentage: {value: 10}}}`);
    const [found] = diffTables(plain, more).classes;
    expect(found!.changes.map((one) => one.kind)).toEqual([
      'request',
      'mirror',
      'timeout',
      'retries',
      'fault',
    ]);
    const stricter = read(
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec: {hosts: [a], http: [{name: r, match: [{uri: {prefix: /a}}], route: [{destination: {host: a, subset: v1}}]}]}
`.replace('---\n', ''),
    );
    const rule = stricter.resources.find((one) => one.kind === 'DestinationRule')!;
    const policy = side([
      ...stricter.resources.filter((one) => one !== rule),
      {
        ...rule,
        spec: { ...rule.spec, trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } },
      } as Resource,
    ]);
    expect(diffTables(plain, policy).classes[0]!.changes).toEqual([
      { kind: 'policy', text: `${A}:80 v1: loadBalancer.simple none becomes RANDOM` },
    ]);
  });

  it('tells callers apart by labels, and hosts that appear', () => {
    const after = rules(`
  - name: own
    match: [{sourceLabels: {app: front}}]
    route: [{destination: {host: a, subset: v2}}]
  - name: r
    route: [{destination: {host: a}}]`);
    const before = rules('\n  - name: r\n    route: [{destination: {host: a}}]');
    const { classes } = diffTables(before, after);
    expect(classes.map((one) => one.witness.caller.labels)).toEqual([{ app: 'front' }]);
    const gone = diffTables(before, side([]));
    expect(gone.classes.map((one) => one.effects.after.line.outcome)).toEqual(['passthrough']);
  });
});

describe('for random tables', () => {
  const text = fc.constantFrom('/a', '/a/b', '/ab', '/b/', '/A', '/');
  const value = fc.constantFrom('x', 'xy', 'y', '1', '');
  const pattern = fc.constantFrom('x.*', '[a-z]+', '.*y', '\\d', '.*');
  const valueMatch: fc.Arbitrary<StringMatch> = fc.oneof(
    fc.record({ exact: value }),
    fc.record({ prefix: fc.constantFrom('x', 'y') }),
    fc.record({ regex: pattern }),
    fc.constant({}),
  );
  const uri: fc.Arbitrary<StringMatch> = fc.oneof(
    fc.record({ exact: text }),
    fc.record({ prefix: text }),
    fc.record({ regex: fc.constantFrom('/a.*', '/(a|b)/?', '/[^/]*', '.*') }),
  );
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 });
  const match: fc.Arbitrary<HttpMatch> = fc
    .record({
      uri: maybe(uri),
      ignoreUriCase: maybe(fc.boolean()),
      method: maybe(fc.record({ exact: fc.constantFrom('GET', 'POST') })),
      scheme: maybe(fc.record({ exact: fc.constantFrom('http', 'https') })),
      authority: maybe(fc.constantFrom({ prefix: 'a' }, { exact: 'a:80' }, { regex: '[a-z]+' })),
      headers: maybe(fc.dictionary(fc.constantFrom('x-a', 'x-b'), valueMatch, { maxKeys: 2 })),
      withoutHeaders: maybe(
        fc.dictionary(fc.constantFrom('x-a', 'x-c'), valueMatch, { maxKeys: 1 }),
      ),
      queryParams: maybe(fc.dictionary(fc.constantFrom('q', 'r'), valueMatch, { maxKeys: 1 })),
      sourceLabels: maybe(fc.constantFrom({ app: 'front' }, { tier: 'x' })),
    })
    .map((one) => JSON.parse(JSON.stringify(one)) as HttpMatch);
  const to = (subset: string, weight: number) => ({ destination: { host: 'a', subset }, weight });
  const rule: fc.Arbitrary<HttpRoute> = fc
    .record({
      match: maybe(fc.array(match, { maxLength: 2 })),
      action: fc.oneof(
        fc.constantFrom<Partial<HttpRoute>>(
          { route: [to('v1', 100)] },
          { route: [to('v2', 100)] },
          { route: [to('v1', 30), to('v2', 70)] },
          { route: [to('v1', 100)], rewrite: { uri: '/a' } },
          { route: [to('v1', 100)], rewrite: { uri: '/' } },
          { route: [to('v1', 100)], rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b' } } },
          { route: [to('v1', 100)], timeout: '1s' },
          { redirect: { uri: '/a' } },
          { redirect: { authority: 'b' } },
          { directResponse: { status: 204 } },
        ),
      ),
    })
    .map(({ match: blocks, action }) => ({ ...action, ...(blocks && { match: blocks }) }));
  const base = readResources([{ name: 'x.yaml', text: SERVICES }]).resources;
  const tableOf = (list: readonly HttpRoute[]) =>
    side([
      ...base,
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'a', namespace: 'default' },
        spec: { hosts: ['a'], http: list },
      },
    ]);
  const request = fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT'),
      path: fc.oneof(
        text,
        fc
          .string({ unit: fc.constantFrom('/', 'a', 'b', 'A', '?', 'q', '=', 'x'), maxLength: 7 })
          .map((one) => `/${one}`),
      ),
      scheme: fc.constantFrom('http' as const, 'https' as const),
      host: fc.constantFrom('a', 'a:80', 'A', 'a.default'),
      a: maybe(value),
      b: maybe(value),
      c: maybe(value),
      q: maybe(value),
    })
    .map(({ path, a, b, c, q, host, ...rest }) => ({
      ...rest,
      path: q === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}q=${q}`,
      port: 80,
      headers: {
        host,
        ...(a === undefined ? {} : { 'x-a': a }),
        ...(b === undefined ? {} : { 'x-b': b }),
        ...(c === undefined ? {} : { 'x-c': c }),
      },
    }));
  const labels = fc.constantFrom<Record<string, string>>(
    {},
    { app: 'front' },
    { tier: 'x' },
    { app: 'front', tier: 'x' },
  );
  const refKey = (ref: RuleRef | undefined) =>
    JSON.stringify(ref && [ref.virtualService, ref.ruleIndex]);

  it('no request differs whose pair of rules is not reported, and every witness differs', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.array(rule, { maxLength: 2 }),
        fc.nat(4),
        fc.array(fc.tuple(request, labels), { minLength: 40, maxLength: 40 }),
        (list, inserted, at, requests) => {
          // The new table is the old one with some rules in the place of others.
          const before = tableOf(list);
          const after = tableOf(list.toSpliced(at, 1, ...inserted));
          const diff = diffTables(before, after);
          expect(diff.complete).toBe(true);
          for (const { witness, effects } of diff.classes) {
            const again = [before, after].map(
              (one) => effectOf(one.table, witness.caller, witness.request).key,
            );
            expect(again).toEqual([effects.before.key, effects.after.key]);
            expect(again[0]).not.toBe(again[1]);
          }
          const reported = new Set(
            diff.classes.map((one) => `${refKey(one.before)} ${refKey(one.after)}`),
          );
          for (const [one, own] of requests) {
            const caller = { via: 'sidecar', namespace: 'default', labels: own } as const;
            const [x, y] = [before, after].map((two) => effectOf(two.table, caller, one));
            if (x!.key === y!.key) continue;
            const lineKey = (effect: typeof x) =>
              JSON.stringify(
                effect!.line.rule
                  ? [effect!.line.rule.virtualService, effect!.line.rule.index]
                  : undefined,
              );
            const pair = `${lineKey(x)} ${lineKey(y)}`;
            const known = [...reported].map((key) => key.replaceAll('[null,-1]', 'undefined'));
            if (!known.includes(pair))
              throw new Error(
                `${JSON.stringify(one)} goes ${pair}, reported are ${known.join('; ')}`,
              );
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

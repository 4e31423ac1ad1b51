import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { decide } from '../decide.ts';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: http}]}\n---\n';
const GATEWAY = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec: {selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
`;
const TO = 'route: [{destination: {host: a}}]';
const virtualService = (blocks: readonly string[], head = 'hosts: [a]', name = 'vs') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec:\n  ${head}\n  http:\n${blocks
    .map((one) => `  - {${one && `match: [${one}], `}${TO}}\n`)
    .join('')}---\n`;

function told(text: string) {
  return analyze(readResources([{ name: 'a.yaml', text: SERVICE + text }]))
    .filter((one) => ['CLV301', 'CLV306', 'CLV307'].includes(one.code))
    .map((one) => `${one.code} ${one.severity} ${one.resource} ${one.field}: ${one.message}`);
}
const mesh = (...blocks: readonly string[]) => told(virtualService(blocks));

describe('a rule that no request can reach', () => {
  it.each([
    [
      'two paths and both of them',
      ['{uri: {exact: /a}}', '{uri: {exact: /b}}', '{uri: {regex: "/(a|b)"}}'],
      2,
    ],
    [
      'a pattern and a narrower one',
      ['{uri: {regex: /api/.+}}', '{uri: {regex: "/api/v[0-9]+"}}'],
      1,
    ],
    [
      'a header in another case',
      ['{headers: {X-A: {exact: b}}}', '{headers: {x-a: {exact: b}}}'],
      1,
    ],
    [
      'with a header, and without it',
      ['{headers: {x: {}}}', '{withoutHeaders: {x: {}}}', '{uri: {prefix: /a/}}'],
      2,
    ],
    ['all methods that begin so', ['{method: {prefix: P}}', '{method: {regex: "PUT|POST"}}'], 1],
    [
      'half by the path and half by a header',
      [
        '{uri: {prefix: /a}}',
        '{headers: {x: {exact: b}}}',
        '{uri: {regex: "/(a|b)"}, headers: {x: {exact: b}}}',
      ],
      2,
    ],
    ['whoever calls', ['{sourceNamespace: q}', '{sourceNamespace: q, uri: {exact: /a}}'], 1],
  ])('is found after %s', (_, blocks, index) => {
    expect(mesh(...blocks)).toEqual([
      expect.stringMatching(
        new RegExp(`^CLV301 error VirtualService default/vs spec.http\\[${index}\\].match\\[0\\]`),
      ),
    ]);
  });

  it('is shown with those before it, and a request that one of them takes', () => {
    expect(
      mesh(
        '{uri: {exact: /a}}',
        '{uri: {exact: /b}}',
        '{uri: {regex: "/(a|b)"}, headers: {x: {exact: y}}}',
      ),
    ).toEqual([
      'CLV301 error VirtualService default/vs spec.http[2].match[0]: no request can reach this: http[0] and http[1] take all of them before (for example GET http://a.default.svc.cluster.local/a -H "x: y", taken by default/vs http[0])',
    ]);
  });

  it.each([
    ['{headers: {x: {exact: a}}, withoutHeaders: {x: {}}}'],
    ['{uri: {exact: no-slash}}'],
    ['{method: {exact: "GET "}}'],
  ])('is one that contradicts itself: %s', (block) => {
    expect(mesh(block, '')).toEqual([expect.stringContaining('CLV306 error')]);
  });

  it('is found across VirtualServices of a gateway', () => {
    const bound = 'hosts: [a.com]\n  gateways: [gw]';
    const text =
      GATEWAY +
      virtualService(['{uri: {prefix: /a}}'], bound, 'one') +
      virtualService(['{uri: {exact: /a/b}}', ''], bound, 'two');
    expect(told(text)).toEqual([
      'CLV301 warning VirtualService default/two spec.http[0].match[0]: no request can reach this: default/one http[0] takes all of them before (for example GET http://a.com/a/b, taken by default/one http[0])',
    ]);
  });

  it('is found in a delegate, with a host of its root', () => {
    const root = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: root}\nspec: {hosts: [a], http: [{match: [{uri: {prefix: /z}}], delegate: {name: d}}]}\n---\n`;
    const delegate = virtualService(
      ['{uri: {prefix: /zz}}', '{uri: {exact: /zz}}'],
      'exportTo: ["."]',
      'd',
    );
    expect(told(root + delegate)[0]).toContain(
      '(for example GET http://a.default.svc.cluster.local/zz, taken',
    );
    expect(told(delegate)[0]).toContain('(for example GET /zz, taken');
  });

  it('is found in an HTTPRoute', () => {
    const rule = '{matches: [{path: {value: /a}}], backendRefs: [{name: a, port: 80}]}';
    const text = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: k}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec: {parentRefs: [{name: k}], rules: [${rule}, ${rule}]}
`;
    expect(told(text)).toEqual([
      expect.stringMatching(/^CLV301 error HTTPRoute default\/r spec.rules\[1\]/),
    ]);
  });

  it('is never one that some caller reaches', () => {
    expect(mesh('{sourceNamespace: q}', '{gateways: [mesh], sourceNamespace: q}')).toEqual([]);
    expect(mesh('{sourceNamespace: default}', '')).toEqual([]);
    expect(mesh('{sourceLabels: {a: b}}', '{sourceLabels: {a: c}}', '')).toEqual([]);
    expect(mesh('{port: 81}', '{uri: {exact: /a}}')).toEqual([]);
    expect(
      told(
        virtualService(
          ['{authority: {exact: b.a.com}}', '{authority: {exact: c.a.com}}'],
          'hosts: ["*.a.com"]',
        ),
      ),
    ).toEqual([expect.stringContaining('CLV307 info')]);
  });

  it('says when it gave up', () => {
    const blocks = Array.from(
      { length: 22 },
      (_, index) => `{headers: {h${index}: {exact: a}}, queryParams: {q${index}: {exact: b}}}`,
    );
    expect(mesh('{withoutHeaders: {h0: {}}}', ...blocks, '{uri: {exact: /x}}')).toEqual([
      expect.stringContaining('CLV307 info'),
    ]);
  });

  it('is none that any request reaches', () => {
    const text = fc.constantFrom('a', 'b', 'ab', 'abc');
    const matcher = fc.oneof(
      text.map((one) => `{exact: ${one}}`),
      text.map((one) => `{prefix: ${one}}`),
      fc.constantFrom('{regex: "a.*"}', '{regex: "[ab]+"}', '{}'),
    );
    const block = fc
      .record({
        uri: fc.option(
          fc.constantFrom('{exact: /a}', '{prefix: /}', '{prefix: /a}', '{regex: "/[ab]*"}'),
        ),
        x: fc.option(matcher),
        y: fc.option(matcher),
        q: fc.option(matcher),
        without: fc.boolean(),
      })
      .map(
        ({ uri, x, y, q, without }) =>
          `{${[uri && `uri: ${uri}`, x && `${without ? 'withoutHeaders' : 'headers'}: {x: ${x}}`, y && !without && !x && `headers: {y: ${y}}`, q && `queryParams: {q: ${q}}`].filter(Boolean).join(', ')}}`,
      );
    const request = fc.record({
      path: fc.constantFrom('/', '/a', '/ab', '/b?q=a', '/a?q=abc', '/c?q'),
      x: fc.option(text),
      y: fc.option(text),
    });
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 2, maxLength: 6 }),
        fc.array(request, { maxLength: 30 }),
        (blocks, requests) => {
          const read = readResources([{ name: 'a.yaml', text: SERVICE + virtualService(blocks) }]);
          const unreached = analyze(read)
            .filter((one) => one.code === 'CLV301' || one.code === 'CLV306')
            .map((one) => one.field);
          const table = compile(read.resources);
          for (const { path, x, y } of requests) {
            const headers = { host: 'a', ...(x !== null && { x }), ...(y !== null && { y }) };
            const { rule } = decide(
              table,
              { via: 'sidecar', namespace: 'default', labels: {} },
              { method: 'GET', path, headers, port: 80 },
            );
            if (rule) expect(unreached).not.toContain(`spec.http[${rule.ruleIndex}].match[0]`);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

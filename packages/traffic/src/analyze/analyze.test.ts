import { describe, expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const SERVICE = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: lb}
spec:
  hosts: [lb.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 9180, name: http, protocol: HTTP}]
  endpoints:
  - {address: 127.0.0.1, ports: {http: 1}, labels: {version: v1}}
  - {address: 127.0.0.1, ports: {http: 2}, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: lb}
spec:
  host: lb
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v9, labels: {version: v9}}]
---
`;

/** Codes of the findings on one VirtualService with these rules. */
function codes(http: string, rest = ''): string[] {
  const text = `${SERVICE}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: vs}\nspec:\n  hosts: [lb]\n  http:\n${http.replace(/^/gm, '  ')}\n${rest}`;
  return analyze(readResources([{ name: 'a.yaml', text }])).map((one) => one.code);
}

const TO_V1 = 'route: [{destination: {host: lb, subset: v1}}]';

describe('analyze', () => {
  it('finds nothing wrong with sound rules', () => {
    expect(codes(`- match: [{uri: {exact: /a}}]\n  ${TO_V1}\n- ${TO_V1}`)).toEqual([]);
  });

  it.each([
    ['a host nobody declared', `- route: [{destination: {host: lbb}}]`, ['CLV202']],
    ['a subset that is not there', `- route: [{destination: {host: lb, subset: v3}}]`, ['CLV203']],
    ['a subset without endpoints', `- route: [{destination: {host: lb, subset: v9}}]`, ['CLV208']],
    [
      'a port that is not there',
      `- route: [{destination: {host: lb, port: {number: 80}}}]`,
      ['CLV205'],
    ],
    ['a delegate that is not there', `- delegate: {name: nobody}`, ['CLV204']],
    [
      'a rule after one that takes all',
      `- ${TO_V1}\n- match: [{uri: {prefix: /b/}}]\n  ${TO_V1}`,
      ['CLV301'],
    ],
    [
      'an exact path after its prefix',
      `- match: [{uri: {prefix: /a/}}]\n  ${TO_V1}\n- match: [{uri: {exact: /a/b}, headers: {x: {exact: y}}}]\n  ${TO_V1}`,
      ['CLV301'],
    ],
    [
      'a header after its regex',
      `- match: [{headers: {x: {regex: "v[0-9]"}}}]\n  ${TO_V1}\n- match: [{headers: {x: {exact: v2}}}]\n  ${TO_V1}`,
      ['CLV301'],
    ],
    [
      'a prefix that takes half a segment',
      `- match: [{uri: {prefix: /api}}]\n  ${TO_V1}`,
      ['CLV302'],
    ],
    ['a redirect code that does nothing', `- redirect: {uri: /x, redirectCode: 304}`, ['CLV304']],
    [
      'a header that is never absent',
      `- match: [{withoutHeaders: {x: {regex: ".*"}}}]\n  ${TO_V1}`,
      ['CLV305'],
    ],
    ['a rule that does nothing', `- name: idle`, ['CLV310']],
    [
      'no weights at all',
      `- route: [{destination: {host: lb, subset: v1}}, {destination: {host: lb, subset: v2}}]`,
      ['CLV313'],
    ],
    [
      'weights that do not sum to 100',
      `- route: [{destination: {host: lb, subset: v1}, weight: 1}, {destination: {host: lb, subset: v2}, weight: 3}]`,
      ['CLV315'],
    ],
    ['look-ahead', `- match: [{uri: {regex: "(?=a)"}}]\n  ${TO_V1}`, ['CLV318']],
    ['a fault without percentage', `- fault: {abort: {httpStatus: 500}}\n  ${TO_V1}`, ['CLV407']],
    [
      'a fault with retries',
      `- fault: {abort: {httpStatus: 500, percentage: {value: 5}}}\n  retries: {attempts: 3}\n  ${TO_V1}`,
      ['CLV402'],
    ],
    [
      'tries that do not fit',
      `- timeout: 1s\n  retries: {attempts: 3, perTryTimeout: 2s}\n  ${TO_V1}`,
      ['CLV404'],
    ],
  ])('finds %s', (_, http, expected) => {
    expect(codes(http)).toEqual(expected);
  });

  it('does not call a rule unreachable when it may be reached', () => {
    const reachable = [
      `- match: [{uri: {prefix: /a/}, headers: {x: {exact: y}}}]\n  ${TO_V1}\n- match: [{uri: {exact: /a/b}}]\n  ${TO_V1}`,
      `- match: [{uri: {exact: /a/}}]\n  ${TO_V1}\n- match: [{uri: {exact: /A/}, ignoreUriCase: true}]\n  ${TO_V1}`,
      `- match: [{sourceLabels: {app: x}}]\n  ${TO_V1}\n- match: [{uri: {exact: /a/}}]\n  ${TO_V1}`,
      `- match: [{port: 80}]\n  ${TO_V1}\n- match: [{uri: {exact: /a/}}]\n  ${TO_V1}`,
    ];
    for (const http of reachable) expect(codes(http)).toEqual([]);
  });

  it('finds an outlier detection that can never eject, and what port settings drop', () => {
    const rule = `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x, namespace: istio-system}\nspec:\n  host: lb.default.svc.cluster.local\n  trafficPolicy:\n    outlierDetection: {consecutive5xxErrors: 1}\n    portLevelSettings: [{port: {number: 9180}, loadBalancer: {simple: RANDOM}}]\n`;
    expect(codes(`- ${TO_V1}`, rule)).toEqual(['CLV401', 'CLV403']);
  });

  it('shows a witness, who takes it, and what to do', () => {
    const text = `${SERVICE}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: vs}\nspec:\n  hosts: [lb]\n  http:\n  - name: all\n    ${TO_V1}\n  - name: late\n    match: [{uri: {prefix: /b/}}]\n    ${TO_V1}\n`;
    const [finding] = analyze(readResources([{ name: 'a.yaml', text }]));
    expect(finding).toMatchObject({
      code: 'CLV301',
      message:
        'no request can reach this: all takes all of them before (for example GET http://lb.default.svc.cluster.local/b/, taken by default/vs all)',
      hint: 'move it before all',
      field: 'spec.http[1].match[0]',
      at: { file: 'a.yaml', line: 29, column: 13 },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { createCallerFinder } from '../explain/find-caller.ts';
import { readResources } from '../read/read-resources.ts';
import type { ObservedRequests } from './observed.ts';
import { verifyTraffic } from './verify-traffic.ts';

const MESH = `
apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: snort-ids}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: http-lb}
spec:
  host: http-lb
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec:
  hosts: [http-lb]
  http:
  - name: old
    match: [{uri: {prefix: /old}}]
    redirect: {uri: /, redirectCode: 302}
  - name: beta
    match: [{headers: {x-beta: {exact: 'yes'}}}]
    route: [{destination: {host: http-lb, subset: v2}}]
  - name: chrome
    match: [{headers: {user-agent: {prefix: chrome}}}]
    route: [{destination: {host: http-lb, subset: v2}}]
  - name: split
    fault:
      abort: {httpStatus: 503, percentage: {value: 10}}
      delay: {fixedDelay: 1s, percentage: {value: 20}}
    route:
    - {destination: {host: http-lb, subset: v1}, weight: 30}
    - {destination: {host: http-lb, subset: v2}, weight: 70}
    mirror: {host: snort-ids}
    mirrorPercentage: {value: 50}
`;

const HOST = 'http-lb.default.svc.cluster.local';

const seen = (spans: number, more: Partial<ObservedRequests> = {}): ObservedRequests => ({
  via: 'sidecar',
  app: 'proxy',
  version: 'v1',
  namespace: 'default',
  method: 'GET',
  scheme: 'http',
  host: 'http-lb:9180',
  path: '/',
  headers: { 'user-agent': 'curl', 'x-beta': '' },
  status: 200,
  responseFlags: [],
  upstreamCluster: `outbound|9180|v1|${HOST}`,
  callees: [{ service: 'http-lb', version: 'v1' }],
  spans,
  traces: [`${spans}`],
  ...more,
});
const v2 = { upstreamCluster: `outbound|9180|v2|${HOST}` };
const copied = {
  callees: [
    { service: 'http-lb', version: 'v1' },
    { service: 'snort-ids', version: '' },
  ],
};
const aborted = { upstreamCluster: '', responseFlags: ['FI'], status: 503, callees: [] };

/** Two thousand requests as the rule declares them: 200 aborted, 400 delayed, 30/70, half of them copied. */
const TRUE_SPLIT = [
  seen(200, aborted),
  seen(270),
  seen(150, { ...copied, responseFlags: ['DI'] }),
  seen(120, copied),
  seen(630, v2),
  seen(250, { ...v2, ...copied, responseFlags: ['DI'] }),
  seen(380, { ...v2, ...copied }),
];

function verify(observed: readonly ObservedRequests[], more: { absent?: Set<string> } = {}) {
  const { resources } = readResources([{ name: 'mesh.yaml', text: MESH }]);
  const table = compile(resources);
  const finder = createCallerFinder(table, resources, []);
  return verifyTraffic({ table, finder, resources }, observed, {
    confidence: 0.95,
    tolerance: 0.05,
    ...more,
  });
}
const brief = (observed: readonly ObservedRequests[]) =>
  verify(observed).rules.map(({ ruleName, verdict, requests, checks }) => [
    ruleName,
    requests,
    verdict,
    ...checks.map((one) => `${one.kind} ${one.verdict}`),
  ]);

describe('verifying traffic', () => {
  it('passes what is as declared, rule by rule, and tells of rules nobody met', () => {
    expect(
      brief([
        ...TRUE_SPLIT,
        seen(200, { ...v2, headers: { 'user-agent': 'chrome/1', 'x-beta': '' } }),
      ]),
    ).toEqual([
      ['old', 0, 'inconclusive'],
      ['beta', 0, 'inconclusive'],
      ['chrome', 200, 'pass', 'route pass'],
      [
        'split',
        2000,
        'pass',
        'delay pass',
        'abort pass',
        'route pass',
        'weights pass',
        'mirror pass',
      ],
    ]);
    expect(verify(TRUE_SPLIT).verdict).toBe('pass');
  });

  it('fails a 25/75 split that is declared as 30/70, and shows traces of the larger part', () => {
    const { verdict, rules } = verify([...TRUE_SPLIT.slice(0, 1), seen(450), seen(1350, v2)]);
    const weights = rules[3]!.checks.find((one) => one.kind === 'weights')!;
    expect([verdict, weights.verdict, weights.traces]).toEqual(['fail', 'fail', ['1350']]);
    expect(weights.pValue).toBeLessThan(1e-5);
    expect(weights.names).toEqual([`${HOST}:9180 v1`, `${HOST}:9180 v2`]);
  });

  it('asks for more requests when it cannot tell', () => {
    const few = verify([seen(3), seen(7, v2)]);
    const weights = few.rules[3]!.checks.find((one) => one.kind === 'weights')!;
    expect(few.verdict).toBe('inconclusive');
    expect(weights.verdict).toBe('inconclusive');
    expect(weights.neededRequests).toBeGreaterThan(870);
  });

  it('fails one request that went where its rule does not lead, with its trace', () => {
    const { rules } = verify([
      ...TRUE_SPLIT,
      seen(300, { ...v2, headers: { 'user-agent': 'chrome/1', 'x-beta': '' } }),
      seen(1, { headers: { 'user-agent': 'chrome/1', 'x-beta': '' }, traces: ['stray'] }),
    ]);
    expect(rules[2]).toMatchObject({
      ruleName: 'chrome',
      verdict: 'fail',
      checks: [{ kind: 'route', counts: [300, 1], traces: ['stray'] }],
    });
    expect(rules[3]!.verdict).toBe('pass');
  });

  it('fails faults and mirrors that come too often or not at all', () => {
    const noFaults = verify([seen(600, copied), seen(1400, v2)]);
    expect(noFaults.rules[3]!.checks.map((one) => [one.kind, one.verdict])).toEqual([
      ['delay', 'fail'],
      ['abort', 'fail'],
      ['route', 'pass'],
      ['weights', 'pass'],
      ['mirror', 'fail'],
    ]);
  });

  it('takes a span for a copy as one, not as a request that went astray', () => {
    const alone = TRUE_SPLIT.map((one) => ({ ...one, callees: one.callees.slice(0, 1) }));
    const copies = seen(900, {
      upstreamCluster: 'outbound|9180||snort-ids.default.svc.cluster.local',
      callees: [{ service: 'snort-ids', version: '' }],
    });
    const { rules } = verify([...alone, copies]);
    expect(rules[3]!.checks.map((one) => [one.kind, one.verdict])).toEqual([
      ['delay', 'pass'],
      ['abort', 'pass'],
      ['route', 'pass'],
      ['weights', 'pass'],
      ['mirror', 'pass'],
    ]);
    expect(rules[3]!.checks[4]!.counts).toEqual([900, 900]);
  });

  it('fails a request that was passed through though a rule takes it', () => {
    const { rules } = verify([...TRUE_SPLIT, seen(1, { upstreamCluster: 'PassthroughCluster' })]);
    expect(rules[3]!.checks.find((one) => one.kind === 'route')!.counts).toEqual([1800, 1]);
  });

  it('does not fail a mirror whose copies nobody traces', () => {
    const { rules } = verify(
      TRUE_SPLIT.map((one) => ({ ...one, callees: one.callees.slice(0, 1) })),
    );
    const mirror = rules[3]!.checks.find((one) => one.kind === 'mirror')!;
    expect([mirror.verdict, mirror.untestable]).toEqual([
      'inconclusive',
      expect.stringContaining('copies are not traced'),
    ]);
  });

  it('checks redirects by their status', () => {
    const away = { path: '/old/a', upstreamCluster: '', callees: [] };
    expect(brief([seen(100, { ...away, status: 302 })])[0]).toEqual([
      'old',
      100,
      'pass',
      'answer pass',
    ]);
    expect(
      brief([seen(99, { ...away, status: 302 }), seen(1, { ...away, status: 301 })])[0],
    ).toEqual(['old', 100, 'fail', 'answer fail']);
  });

  it('counts requests as undecided when a rule looks at a header that nobody recorded', () => {
    const { undecided, requests, rules, verdict } = verify([
      seen(50, { headers: { 'user-agent': 'curl' } }),
    ]);
    expect([requests, undecided]).toEqual([
      50,
      { requests: 50, headers: ['x-beta'], traces: ['50'] },
    ]);
    expect(rules.every((one) => one.requests === 0)).toBe(true);
    // The one that asks and the one that takes them otherwise.
    expect(rules.map((one) => one.undecided)).toEqual([0, 50, 0, 50]);
    expect(verdict).toBe('inconclusive');
    const absent = { absent: new Set(['x-beta']) };
    expect(
      verify([seen(50, { headers: { 'user-agent': 'curl' } })], absent).undecided.requests,
    ).toBe(0);
  });

  it('has nothing to say without requests', () => {
    expect(verify([]).verdict).toBe('inconclusive');
  });
});

// Istio's routing semantics, field by field: each test bears the name of what it is about. The
// differential suite holds the same fields, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { compile, type MeshOptions } from './compile.ts';
import { applyHeaders, decide } from './decide.ts';
import { readResources } from './read/read-resources.ts';
import type { Caller, TrafficRequest } from './request.ts';

const SERVICES = ['a', 'b']
  .map(
    (name) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80, name: http}]}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {host: ${name}, subsets: [{name: v1, labels: {v: "1"}}]}\n---\n`,
  )
  .join('');
const sidecar: Caller = { via: 'sidecar', namespace: 'default', labels: { app: 'x' } };
const gateway: Caller = { via: 'gateway', namespace: 'default', labels: { istio: 'gw' } };
const GATEWAY =
  'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw}\nspec: {selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n---\n';

const vs = (http: string, head = 'hosts: [a]', name = 'vs') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec:\n  ${head}\n  http:\n${http.replace(/^/gm, '  ')}\n---\n`;

interface Ask extends Partial<Omit<TrafficRequest, 'headers'>> {
  headers?: Record<string, string>;
  caller?: Caller;
  mesh?: MeshOptions;
}
function ask(
  text: string,
  path = '/',
  { headers = {}, caller = sidecar, mesh = {}, ...rest }: Ask = {},
) {
  const read = readResources([{ name: 'a.yaml', text: SERVICES + text }]);
  expect(read.findings.filter((one) => one.severity === 'error')).toEqual([]);
  const table = compile(read.resources, mesh);
  return decide(table, caller, {
    method: 'GET',
    path,
    port: 80,
    headers: { host: 'a', ...headers },
    ...rest,
  });
}
const A = 'route: [{destination: {host: a}}]';
const B = 'route: [{destination: {host: b}}]';

/** Whether one block takes a request; everything else goes to the last rule. */
const takes = (match: string, path = '/', options: Ask = {}) =>
  ask(vs(`- match: [${match}]\n  ${B}\n- ${A}`), path, options).rule?.ruleIndex === 0;
function forward(rule: string, path = '/', options: Ask = {}) {
  const { outcome } = ask(vs(rule), path, options);
  if (outcome.kind !== 'forward') throw new Error(outcome.kind);
  return { ...outcome, to: outcome.action.destinations };
}

describe('match', () => {
  it('uri', () => {
    expect(takes('{uri: {exact: /a}}', '/a?q')).toBe(true);
    expect(takes('{uri: {exact: /a}}', '/a/')).toBe(false);
    expect(takes('{uri: {prefix: /api}}', '/apis')).toBe(true);
    expect(takes('{uri: {prefix: ""}}', '/x')).toBe(true);
    expect(takes('{uri: {regex: "/a[0-9]"}}', '/a1')).toBe(true);
    expect(takes('{uri: {regex: "/a[0-9]"}}', '/a1/x')).toBe(false);
  });
  it('ignoreUriCase', () => {
    expect(takes('{uri: {exact: /A}, ignoreUriCase: true}', '/a')).toBe(true);
    expect(takes('{uri: {prefix: /A}, ignoreUriCase: true}', '/ab')).toBe(true);
    expect(takes('{uri: {regex: "/A"}, ignoreUriCase: true}', '/a')).toBe(false);
  });
  it('headers', () => {
    const x = (x: string) => ({ headers: { x } });
    expect(takes('{headers: {X: {exact: "1"}}}', '/', x('1'))).toBe(true);
    expect(takes('{headers: {x: {exact: a}}}', '/', x('A'))).toBe(false);
    expect(takes('{headers: {x: {prefix: a}}}', '/', x('ab'))).toBe(true);
    expect(takes('{headers: {x: {}}}', '/', x(''))).toBe(true);
    expect(takes('{headers: {x: {regex: ".*"}}}', '/', x('z'))).toBe(true);
    expect(takes('{headers: {x: {}}}')).toBe(false);
    expect(takes('{headers: {uri: {exact: nothing}}}')).toBe(true);
    expect(takes('{headers: {":method": {exact: GET}}}')).toBe(true);
  });
  it('withoutHeaders', () => {
    expect(takes('{withoutHeaders: {x: {regex: ".*"}}}')).toBe(false);
    expect(takes('{withoutHeaders: {x: {regex: "*"}}}')).toBe(true);
    expect(takes('{withoutHeaders: {x: {}}}', '/', { headers: { x: '1' } })).toBe(false);
    expect(takes('{withoutHeaders: {x: {exact: "1"}}}', '/', { headers: { x: '2' } })).toBe(true);
  });
  it('queryParams', () => {
    expect(takes('{queryParams: {q: {exact: ""}}}', '/?q')).toBe(true);
    expect(takes('{queryParams: {q: {}}}', '/?q=1')).toBe(true);
    expect(takes('{queryParams: {q: {}}}', '/?r=1')).toBe(false);
    expect(takes('{queryParams: {q: {regex: "\\\\d+$"}}}', '/?q=123')).toBe(true);
    expect(takes('{queryParams: {q: {regex: "\\\\d+$"}}}', '/?q=a123')).toBe(false);
  });
  it('method', () => expect(takes('{method: {exact: get}}')).toBe(false));
  it('scheme', () => expect(takes('{scheme: {exact: http}}')).toBe(true));
  it('authority', () => {
    expect(takes('{authority: {exact: a}}')).toBe(true);
    expect(takes('{authority: {exact: a}}', '/', { headers: { host: 'a:80' } })).toBe(false);
  });
  it('port', () => expect(takes('{port: 81}')).toBe(false));
  it('sourceLabels', () => {
    expect(takes('{sourceLabels: {app: x}}')).toBe(true);
    expect(takes('{sourceLabels: {app: y}}')).toBe(false);
  });
  it('sourceNamespace', () => expect(takes('{sourceNamespace: other}')).toBe(false));
  it('gateways: with them what is said about the source does not count', () => {
    expect(takes('{gateways: [gw]}')).toBe(false);
    expect(takes('{gateways: [mesh], sourceNamespace: other}')).toBe(true);
  });
  it('no match: later rules are dropped; none open: the service’s own route', () => {
    expect(ask(vs(`- ${A}\n- match: [{uri: {exact: /x}}]\n  ${B}`), '/x').rule?.ruleIndex).toBe(0);
    expect(ask(vs(`- match: [{port: 81}]\n  ${B}`)).rule?.virtualService).toBeUndefined();
    expect(ask(vs(`- match: [{uri: {exact: /x}}]\n  ${B}`)).outcome.kind).toBe('notFound');
  });
});

describe('hosts', () => {
  it('in any case, with any port; exact before the longest wildcard', () => {
    const text =
      GATEWAY +
      vs(`- ${A}`, 'hosts: ["*.foo.com"]\n  gateways: [gw]', 'wide') +
      vs(`- ${B}`, 'hosts: [a.foo.com]\n  gateways: [gw]', 'narrow');
    const rule = (host: string) =>
      ask(text, '/', { caller: gateway, headers: { host } }).rule?.virtualService;
    expect(rule('A.Foo.com:99')).toBe('default/narrow');
    expect(rule('b.a.foo.com')).toBe('default/wide');
    expect(rule('foo.com')).toBeUndefined();
  });
  it('in the mesh the oldest has a host; on a gateway rules are joined, catch-alls last', () => {
    const two = (head: string) =>
      vs(`- ${A}`, head, 'one') + vs(`- match: [{uri: {exact: /x}}]\n  ${B}`, head, 'two');
    expect(ask(two('hosts: [a]'), '/x').rule?.virtualService).toBe('default/one');
    const joined = GATEWAY + two('hosts: [a.com]\n  gateways: [gw]');
    const at = { caller: gateway, headers: { host: 'a.com' } };
    expect(ask(joined, '/x', at).rule?.virtualService).toBe('default/two');
  });
  it('exportTo', () => {
    const text = vs(`- ${B}`, 'hosts: [a]\n  exportTo: [other]');
    expect(ask(text).rule?.virtualService).toBeUndefined();
  });
  it('outboundTrafficPolicy', () => {
    const headers = { host: 'nobody.com' };
    expect(ask('', '/', { headers }).outcome.kind).toBe('passthrough');
    const mesh = { outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
    expect(ask('', '/', { headers, mesh }).outcome.kind).toBe('blocked');
    expect(ask(GATEWAY, '/', { headers, caller: gateway }).outcome.kind).toBe('notFound');
  });
});

describe('actions', () => {
  it('redirect', () => {
    const text = vs('- redirect: {uri: /x}');
    expect(ask(text, '/y?q=1').outcome).toMatchObject({ status: 301, location: 'http://a/x?q=1' });
    expect(
      ask(vs('- redirect: {uri: /x, redirectCode: 304}')).rule?.virtualService,
    ).toBeUndefined();
  });
  it('directResponse', () => {
    const text = vs('- directResponse: {status: 418, body: {bytes: "aGk="}}');
    expect(ask(text).outcome).toMatchObject({ kind: 'directResponse', status: 418, body: 'hi' });
  });
  it('rewrite', () => {
    const block = (uri: string, to: string) => `- match: [{uri: ${uri}}]\n  rewrite: ${to}\n  ${A}`;
    expect(forward(block('{prefix: /a}', '{uri: /b}'), '/a/c?q').path).toBe('/b/c?q');
    expect(forward(block('{exact: /a}', '{uri: /b}'), '/a').path).toBe('/b');
    const regex = '{uriRegexRewrite: {match: "^/(.)/(.)$", rewrite: "/\\\\2/\\\\1"}}';
    expect(forward(block('{prefix: /}', regex), '/x/y').path).toBe('/y/x');
    expect(forward(block('{prefix: /}', '{authority: n.com}')).to[0]?.authority).toBe('n.com');
  });
  it('weight', () => {
    const route = (list: string) => forward(`- route: [${list}]`).to.map((one) => one.probability);
    expect(
      route('{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 3}'),
    ).toEqual([0.25, 0.75]);
    expect(route('{destination: {host: a}, weight: 0}')).toEqual([1]);
    expect(route('{destination: {host: a}, weight: 7}, {destination: {host: b}}')).toEqual([1]);
  });
  it('destination: unknown hosts and subsets', () => {
    expect(forward('- route: [{destination: {host: c}}]').to[0]?.missing).toBe('host');
    expect(forward('- route: [{destination: {host: a, subset: v9}}]').to[0]?.missing).toBe(
      'subset',
    );
    expect(
      forward('- route: [{destination: {host: a, subset: v1}}]').to[0]?.missing,
    ).toBeUndefined();
  });
  it('mirror, mirrors, mirrorPercentage', () => {
    const mirrors = (rule: string) =>
      forward(`- ${A}\n  ${rule}`).action.mirrors.map((one) => one.probability);
    expect(mirrors('mirror: {host: b}')).toEqual([1]);
    expect(mirrors('mirror: {host: b}\n  mirrorPercentage: {value: 0}')).toEqual([]);
    expect(mirrors('mirror: {host: b}\n  mirrorPercent: 5')).toEqual([0.05]);
    expect(mirrors('mirror: {host: b}\n  mirrorPercent: 0')).toEqual([]);
    expect(mirrors('mirrors: [{destination: {host: b}, percentage: {value: 12.34567}}]')).toEqual([
      0.123456,
    ]);
  });
  it('timeout: none when missing', () => {
    expect(forward(`- ${A}`).timeoutMs).toBe(0);
    expect(forward(`- timeout: 1.5s\n  ${A}`).timeoutMs).toBe(1500);
  });
  it('retries: two when missing, the rule’s own in their stead', () => {
    expect(forward(`- ${A}`).action.retries).toMatchObject({ attempts: 2 });
    expect(forward(`- retries: {attempts: 0}\n  ${A}`).action.retries).toEqual({ attempts: 0 });
  });
  it('fault: a missing percentage is 0', () => {
    const fault = (text: string) => ask(vs(`- fault: ${text}\n  ${A}`)).fault;
    expect(fault('{abort: {httpStatus: 500}}')).toBeUndefined();
    expect(fault('{abort: {httpStatus: 500, percentage: {value: 50}}}')?.abort?.probability).toBe(
      0.5,
    );
    expect(fault('{delay: {fixedDelay: 5s, percentage: {value: 100}}}')?.delay?.durationMs).toBe(
      5000,
    );
  });
  it('headers: removals, then settings, then additions; percent signs are written twice', () => {
    const { to } = forward(
      `- headers: {request: {remove: [x], set: {y: "1%%"}, add: {z: a}}}\n  route: [{destination: {host: a}, headers: {request: {add: {y: b}, remove: [z]}}}]`,
    );
    expect(applyHeaders({ x: '1', y: '2', z: '3' }, to[0]!.requestHeaders)).toEqual({
      y: '1%, b',
      z: 'a',
    });
    const host =
      '- headers: {request: {set: {host: n.com}}}\n  route: [{destination: {host: a}, headers: {request: {set: {host: m.com}}}}]';
    expect(forward(host).to[0]?.authority).toBe('n.com');
  });
  it('delegate: a part of the root’s match, its own words before the root’s', () => {
    const root = `- match: [{uri: {prefix: /d}}]\n  delegate: {name: d}\n  timeout: 1s\n- ${A}`;
    const inner = vs(
      `- match: [{uri: {prefix: /d/x}}]\n  timeout: 2s\n  ${B}\n- match: [{uri: {prefix: /e}}]\n  ${B}\n- ${B}`,
      'exportTo: ["*"]',
      'd',
    );
    const timeout = (path: string) => {
      const { outcome } = ask(vs(root) + inner, path);
      return outcome.kind === 'forward' ? outcome.timeoutMs : outcome.kind;
    };
    expect([timeout('/d/x'), timeout('/d/y'), timeout('/e')]).toEqual([2000, 1000, 0]);
  });
});

describe('DestinationRule', () => {
  const rule = (name: string, namespace: string, subset: string, more = '') =>
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {host: b.default.svc.cluster.local, subsets: [{name: ${subset}, labels: {v: "2"}}]${more}}\n---\n`;
  const missing = (text: string, subset: string, labels: Record<string, string> = {}) => {
    const { outcome } = ask(
      text + vs(`- route: [{destination: {host: b, subset: ${subset}}}]`),
      '/',
      {
        caller: { ...sidecar, labels },
      },
    );
    return outcome.kind === 'forward' && outcome.action.destinations[0]!.missing;
  };
  it('subsets of one host and namespace are joined', () => {
    expect(missing(rule('z', 'default', 'v2'), 'v1')).toBeUndefined();
    expect(missing(rule('z', 'default', 'v2'), 'v2')).toBeUndefined();
  });
  it('namespaces are not joined: the client’s first', () => {
    expect(missing(rule('z', 'istio-system', 'v2'), 'v2')).toBe('subset');
  });
  it('exportTo: rules exported in different ways stand apart, and the last counts', () => {
    expect(missing(rule('z', 'default', 'v2', ', exportTo: ["."]'), 'v1')).toBe('subset');
    expect(missing(rule('z', 'default', 'v2', ', exportTo: ["."]'), 'v2')).toBeUndefined();
  });
  it('workloadSelector: for the chosen workloads only', () => {
    const chosen = rule('z', 'default', 'v2', ', workloadSelector: {matchLabels: {app: y}}');
    expect(missing(chosen, 'v2', { app: 'y' })).toBeUndefined();
    expect(missing(chosen, 'v2', { app: 'x' })).toBe('subset');
  });
});

import { describe, expect, it } from 'vitest';
import { applyHeaders, decide } from '../decide.ts';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { Caller, TrafficRequest } from '../request.ts';

const SERVICES = ['a', 'b']
  .map(
    (name) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80, name: http}]}\n---\n`,
  )
  .join('');
const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  gatewayClassName: istio
  listeners:
  - {name: all, port: 80, protocol: HTTP, hostname: "*.test.com", allowedRoutes: {namespaces: {from: All}}}
  - {name: one, port: 80, protocol: HTTP, hostname: one.test.com}
---
`;
const gateway: Caller = {
  via: 'gateway',
  namespace: 'default',
  labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' },
};
const sidecar: Caller = { via: 'sidecar', namespace: 'default', labels: {} };

function httpRoute(
  rules: string,
  head = 'parentRefs: [{name: gw}]',
  name = 'r',
  kind = 'HTTPRoute',
) {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  ${head}\n  rules:\n${rules.replace(/^/gm, '  ')}\n---\n`;
}
function decider(text: string, caller: Caller = gateway) {
  const read = readResources([{ name: 'a.yaml', text: SERVICES + GATEWAY + text }]);
  expect(read.findings).toEqual([]);
  const table = compile(read.resources);
  return (path: string, more: Partial<TrafficRequest> & { host?: string } = {}) => {
    const { host = 'x.test.com', ...rest } = more;
    const headers = { host, ...rest.headers };
    return decide(table, caller, { method: 'GET', path, port: 80, ...rest, headers });
  };
}
const to = (decision: ReturnType<ReturnType<typeof decider>>) =>
  decision.outcome.kind === 'forward'
    ? decision.outcome.action.destinations.map((one) => one.host.split('.')[0]).join('+')
    : decision.outcome.kind;
const A = 'backendRefs: [{name: a, port: 80}]';
const B = 'backendRefs: [{name: b, port: 80}]';

describe('HTTPRoute', () => {
  it('takes prefixes by whole segments', () => {
    const decide = decider(httpRoute(`- matches: [{path: {value: /api/}}]\n  ${A}`));
    expect(['/api', '/api/', '/api/x', '/apis', '/'].map((path) => to(decide(path)))).toEqual([
      'a',
      'a',
      'a',
      'notFound',
      'notFound',
    ]);
  });

  it('retries as Istio does it, and a try’s own timeout then', () => {
    const decide = decider(
      httpRoute(
        `- retry: {attempts: 3, codes: [503], backoff: 100ms}\n  timeouts: {request: 9s, backendRequest: 2s}\n  ${A}`,
      ),
    );
    const { outcome } = decide('/');
    expect(outcome).toMatchObject({
      timeoutMs: 9000,
      action: {
        retries: {
          attempts: 3,
          retryOn: 'connect-failure,refused-stream,unavailable,cancelled,503',
          backoff: '100ms',
          perTryTimeout: '2s',
        },
      },
    });
  });

  it('precedence: exact, longest prefix, regex, method, headers, query, then the older route', () => {
    const order = [
      '{path: {type: Exact, value: /x/y}}',
      '{path: {value: /x/y}, method: GET}',
      '{path: {value: /x/y}, headers: [{name: h, value: "1"}, {name: i, value: "1"}]}',
      '{path: {value: /x/y}, headers: [{name: h, value: "1"}], queryParams: [{name: q, value: "1"}]}',
      '{path: {value: /x/y}, headers: [{name: h, value: "1"}]}',
      '{path: {value: /x}}',
      '{path: {type: RegularExpression, value: "/.*/y"}}',
    ];
    const request = { headers: { h: '1', i: '1' } };
    // Without the rules before it each is the first that takes the request, wherever it stands.
    for (let at = 0; at < order.length; at++) {
      const left = order.slice(at).toReversed();
      const rules = left.map((match) => `- matches: [${match}]\n  ${A}`).join('\n');
      const { rule } = decider(httpRoute(rules))('/x/y?q=1', request);
      expect(left[rule!.ruleIndex]).toBe(order[at]);
    }
    const two =
      httpRoute(`- ${B}`, 'parentRefs: [{name: gw}]', 'b') +
      httpRoute(`- ${A}`, 'parentRefs: [{name: gw}]', 'a');
    expect(to(decider(two)('/'))).toBe('a');
  });

  it('weights: 1 when missing; no backends, or none with weight, answer 500', () => {
    const decide = decider(
      httpRoute(
        `- matches: [{path: {value: /w}}]\n  backendRefs: [{name: a, port: 80, weight: 3}, {name: b, port: 80}]\n- matches: [{path: {value: /n}}]\n- matches: [{path: {value: /z}}]\n  backendRefs: [{name: a, port: 80, weight: 0}]\n- matches: [{path: {value: /gone}}]\n  backendRefs: [{name: nobody, port: 80}]`,
      ),
    );
    expect(decide('/w').outcome).toMatchObject({
      action: { destinations: [{ probability: 0.75 }, { probability: 0.25 }] },
    });
    expect(decide('/n').outcome).toMatchObject({ kind: 'directResponse', status: 500 });
    expect(decide('/z').outcome).toMatchObject({ kind: 'directResponse', status: 500 });
    expect(decide('/gone').outcome).toMatchObject({
      action: { missingStatus: 500, destinations: [{ missing: 'host' }] },
    });
  });

  it('filters: header modifiers, URLRewrite, RequestRedirect, RequestMirror, CORS; timeouts', () => {
    const filters = (list: string) =>
      decider(httpRoute(`- matches: [{path: {value: /old}}]\n  filters: [${list}]\n  ${A}`));
    const forward = (list: string, path = '/old/x?q=1') => {
      const { outcome } = filters(list)(path);
      if (outcome.kind !== 'forward') throw new Error(outcome.kind);
      return outcome;
    };
    const modified = forward(
      '{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-A, value: "1"}], add: [{name: x-b, value: "2"}], remove: [x-c]}}',
    );
    expect(
      applyHeaders({ 'x-b': '0', 'x-c': '3' }, modified.action.destinations[0]!.requestHeaders),
    ).toEqual({ 'x-a': '1', 'x-b': '0, 2' });
    const path = (modifier: string, from?: string) =>
      forward(`{type: URLRewrite, urlRewrite: {path: ${modifier}}}`, from).path;
    expect(path('{type: ReplacePrefixMatch, replacePrefixMatch: /new/}')).toBe('/new/x?q=1');
    expect(path('{type: ReplacePrefixMatch, replacePrefixMatch: /}')).toBe('/x?q=1');
    expect(path('{type: ReplacePrefixMatch, replacePrefixMatch: /}', '/old')).toBe('/');
    expect(path('{type: ReplaceFullPath, replaceFullPath: /all}')).toBe('/all?q=1');
    expect(
      forward('{type: URLRewrite, urlRewrite: {hostname: new.com}}').action.destinations[0],
    ).toMatchObject({ authority: 'new.com' });
    expect(
      forward(
        '{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, percent: 20}}',
      ).action.mirrors,
    ).toMatchObject([{ host: 'b.default.svc.cluster.local', probability: 0.2 }]);
    const redirect = httpRoute(
      `- matches: [{path: {value: /old}}]\n  filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}, hostname: n.com}}]`,
    );
    expect(decider(redirect)('/old/x').outcome).toMatchObject({
      status: 302,
      location: 'http://n.com/new/x',
    });
    const timed = httpRoute(`- timeouts: {request: 5s, backendRequest: 1s}\n  ${A}`);
    expect(decider(timed)('/').outcome).toMatchObject({
      timeoutMs: 1000,
    });
    const cors = httpRoute(
      `- filters: [{type: CORS, cors: {allowOrigins: ["https://*.a.com"], maxAge: 5}}]\n  ${A}`,
    );
    const headers = { origin: 'https://x.a.com', 'access-control-request-method': 'PUT' };
    expect(decider(cors)('/', { method: 'OPTIONS', headers })).toMatchObject({
      outcome: { kind: 'preflight' },
      cors: { 'access-control-allow-origin': 'https://x.a.com', 'access-control-max-age': '5' },
    });
  });

  it('binds to listeners that take its namespace and host, the narrowest for a host', () => {
    const both = decider(httpRoute(`- ${A}`, 'parentRefs: [{name: gw, sectionName: all}]'));
    expect(to(both('/', { host: 'two.test.com' }))).toBe('a');
    expect(to(both('/', { host: 'other.com' }))).toBe('notFound');
    const one = decider(
      httpRoute(`- ${A}`, 'parentRefs: [{name: gw, sectionName: one}]') +
        httpRoute(
          `- ${B}`,
          'parentRefs: [{name: gw, sectionName: all}]\n  hostnames: [one.test.com]',
          'wide',
        ),
    );
    expect(to(one('/', { host: 'one.test.com' }))).toBe('a');
    const foreign = httpRoute(
      `- ${A}`,
      'parentRefs: [{name: gw, namespace: default, sectionName: one}]',
    ).replace('{name: r}', '{name: r, namespace: other}');
    expect(to(decider(foreign)('/', { host: 'one.test.com' }))).toBe('notFound');
  });

  it('uses backends of another namespace only with a ReferenceGrant', () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: other}\nspec: {ports: [{port: 80, name: http}]}\n---\n';
    const route = httpRoute(`- backendRefs: [{name: c, namespace: other, port: 80}]`);
    const grant =
      'apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: other}\nspec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}\n---\n';
    const missing = (text: string) => {
      const { outcome } = decider(text)('/');
      return outcome.kind === 'forward' ? outcome.action.destinations[0]!.missing : outcome.kind;
    };
    expect(missing(service + route)).toBe('host');
    expect(missing(service + route + grant)).toBeUndefined();
  });

  it('speaks for a service in the mesh when that is its parent', () => {
    const route = httpRoute(
      `- ${B}`,
      'parentRefs: [{group: "", kind: Service, name: a, port: 80}]',
    );
    expect(to(decider(route, sidecar)('/', { host: 'a' }))).toBe('b');
    expect(to(decider(route)('/', { host: 'a' }))).toBe('notFound');
    expect(decider(route, sidecar)('/', { host: 'a' }).rule).toEqual({
      virtualService: 'default/r',
      source: 'HTTPRoute',
      ruleIndex: 0,
      ruleName: '',
      matchIndex: -1,
    });
  });
});

describe('GRPCRoute', () => {
  it('matches service and method, exact or by regular expression', () => {
    const route = httpRoute(
      `- matches: [{method: {service: shop.Cart, method: Add}}]\n  ${A}\n- matches: [{method: {service: shop.Cart}}]\n  ${B}\n- matches: [{method: {type: RegularExpression, service: "pay.*", method: Get}}]\n  ${A}`,
      'parentRefs: [{name: gw}]',
      'g',
      'GRPCRoute',
    );
    const decide = decider(route);
    expect(to(decide('/shop.Cart/Add', { method: 'POST' }))).toBe('a');
    expect(to(decide('/shop.Cart/Clear', { method: 'POST' }))).toBe('b');
    expect(to(decide('/pay.Api/Get', { method: 'POST' }))).toBe('a');
    expect(to(decide('/pay.Api/Put', { method: 'POST' }))).toBe('notFound');
  });

  it('shares a host with HTTPRoutes: the rules of both go by precedence', () => {
    const host = `parentRefs: [{name: gw}]\n  hostnames: [x.test.com]`;
    const decide = decider(
      httpRoute(`- matches: [{path: {value: /shop}}]\n  ${A}`, host, 'h') +
        httpRoute(`- matches: [{method: {service: shop.Cart}}]\n  ${B}`, host, 'g', 'GRPCRoute'),
    );
    expect(to(decide('/shop.Cart/Add'))).toBe('b');
    expect(to(decide('/shop/x'))).toBe('a');
  });
});

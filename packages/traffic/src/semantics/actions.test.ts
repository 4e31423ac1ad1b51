// Istio's routing semantics: what a rule does. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { A, ask, B, forward, GATEWAY, gateway, vs } from '../../test/support/semantics.ts';
import { applyHeaders } from '../decide.ts';

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
  it('retries: none when they stand there without a number', () => {
    expect(forward(`- retries: {}\n  ${A}`).action.retries).toEqual({ attempts: 0 });
  });
  it('defaultHttpRetryPolicy: for rules that say nothing and services without rules, as a whole', () => {
    const mesh = { defaultHttpRetryPolicy: { attempts: 5 } };
    expect(forward(`- ${A}`, '/', { mesh }).action.retries).toEqual({ attempts: 5 });
    expect(forward(`- retries: {attempts: 1}\n  ${A}`, '/', { mesh }).action.retries).toEqual({
      attempts: 1,
    });
    const { outcome } = ask('', '/', { mesh: { defaultHttpRetryPolicy: { retryOn: '5xx' } } });
    expect(outcome).toMatchObject({ action: { retries: { attempts: 0 } } });
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
  it('redirect codes: 301, 302, 303, 307 and 308; any other does nothing', () => {
    const status = (code: number) => {
      const { outcome } = ask(vs(`- redirect: {uri: /x, redirectCode: ${code}}`));
      return outcome.kind === 'redirect' ? outcome.status : outcome.kind;
    };
    expect([301, 302, 303, 307, 308].map(status)).toEqual([301, 302, 303, 307, 308]);
    expect([300, 304, 305].map(status)).toEqual(['forward', 'forward', 'forward']);
  });
  it('redirect before directResponse before route', () => {
    const kind = (rule: string) => ask(vs(rule), '/', { unchecked: true }).outcome.kind;
    expect(kind(`- redirect: {uri: /x}\n  directResponse: {status: 200}`)).toBe('redirect');
    expect(kind(`- directResponse: {status: 200}\n  ${A}`)).toBe('directResponse');
  });
  it('derivePort FROM_REQUEST_PORT takes the listener’s; a port in Host stays where none is set', () => {
    const location = (redirect: string, host: string, port: number) => {
      const { outcome } = ask(
        GATEWAY.replace('number: 80', `number: ${port}`) +
          vs(`- redirect: ${redirect}`, 'hosts: [a.com]\n  gateways: [gw]'),
        '/',
        { caller: gateway, port, headers: { host } },
      );
      return outcome.kind === 'redirect' && outcome.location;
    };
    const derived = '{derivePort: FROM_REQUEST_PORT, uri: /x}';
    expect(location(derived, 'a.com', 8080)).toBe('http://a.com:8080/x');
    expect(location(derived, 'a.com:99', 8080)).toBe('http://a.com:8080/x');
    // The scheme's own port is no port to Istio: what the client said stays.
    expect(location(derived, 'a.com', 80)).toBe('http://a.com/x');
    expect(location(derived, 'a.com:80', 80)).toBe('http://a.com:80/x');
    expect(location('{scheme: https, derivePort: FROM_PROTOCOL_DEFAULT}', 'a.com:80', 80)).toBe(
      'https://a.com/',
    );
  });
  it('fault: delay and abort are drawn independently, whatever the order in which they stand', () => {
    const { fault } = ask(
      vs(
        `- fault: {abort: {httpStatus: 500, percentage: {value: 10}}, delay: {fixedDelay: 1s, percentage: {value: 20}}}\n  ${A}`,
      ),
    );
    expect([fault?.delay?.probability, fault?.abort?.probability]).toEqual([0.2, 0.1]);
  });
  it('destination.port omitted: the only port of the service, else the listener’s', () => {
    const two =
      'apiVersion: v1\nkind: Service\nmetadata: {name: c}\nspec: {ports: [{port: 80, name: http}, {port: 81, name: http-b}]}\n---\n';
    const port = (host: string) => {
      const { outcome } = ask(two + vs(`- route: [{destination: {host: ${host}}}]`));
      return outcome.kind === 'forward' && outcome.action.destinations[0]!.port;
    };
    expect([port('b'), port('c')]).toEqual([80, 80]);
  });
});

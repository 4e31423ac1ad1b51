// Istio's routing semantics: HTTPRoutes. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { ask, type Ask } from '../../test/support/semantics.ts';

const route = (rules: string, name = 'r', more = '') =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}${more}}\nspec:\n  parentRefs: [{kind: Service, group: '', name: a}]\n  rules:\n${rules.replace(/^/gm, '  ')}\n---\n`;
const TO_A = 'backendRefs: [{name: a, port: 80}]';
const TO_B = 'backendRefs: [{name: b, port: 80}]';
const ruleOf = (rules: string, path = '/', options: Ask = {}) =>
  ask(route(rules), path, options).rule?.ruleIndex;

describe('HTTPRoute', () => {
  it('precedence: an exact path, the longest prefix, a method, more headers, more queries, whatever the order', () => {
    const rules = [
      `- matches: [{path: {value: /}}]\n  ${TO_A}`,
      `- matches: [{path: {value: /x}}]\n  ${TO_A}`,
      `- matches: [{path: {value: /x/y}}]\n  ${TO_A}`,
      `- matches: [{path: {type: Exact, value: /x/y}}]\n  ${TO_A}`,
      `- matches: [{path: {value: /x}, headers: [{name: h, value: "1"}]}]\n  ${TO_A}`,
      `- matches: [{path: {value: /x}, method: PUT}]\n  ${TO_A}`,
      `- matches: [{path: {value: /x}, queryParams: [{name: q, value: "1"}]}]\n  ${TO_A}`,
    ].join('\n');
    expect(ruleOf(rules, '/x/y')).toBe(3);
    expect(ruleOf(rules, '/x/y/z')).toBe(2);
    expect(ruleOf(rules, '/x?q=1')).toBe(6);
    expect(ruleOf(rules, '/x?q=1', { headers: { h: '1' } })).toBe(4);
    expect(ruleOf(rules, '/x?q=1', { headers: { h: '1' }, method: 'PUT' })).toBe(5);
    expect(ruleOf(rules, '/z')).toBe(0);
  });
  it('of equals the older route, then by namespace and name, then in the order of the rules', () => {
    const made = (name: string, second: number) =>
      route(`- ${TO_A}`, name, `, creationTimestamp: "2026-01-01T00:00:0${second}Z"`);
    const owner = (text: string) => ask(text).rule?.virtualService;
    expect(owner(made('y', 2) + made('z', 1))).toBe('default/z');
    expect(owner(made('z', 1) + made('y', 1))).toBe('default/y');
    expect(ruleOf(`- ${TO_A}\n- ${TO_B}`)).toBe(0);
  });
  it('a prefix goes by whole segments, and its trailing slash says nothing', () => {
    const rules = `- matches: [{path: {value: /api/}}]\n  ${TO_B}`;
    expect([ruleOf(rules, '/api'), ruleOf(rules, '/api/x'), ruleOf(rules, '/apis')]).toEqual([
      0,
      0,
      undefined,
    ]);
  });
  it('redirects with 302 when it says nothing', () => {
    const filter = (code: string) =>
      `- filters: [{type: RequestRedirect, requestRedirect: {hostname: n.com${code}}}]`;
    expect(ask(route(filter(''))).outcome).toMatchObject({ kind: 'redirect', status: 302 });
    expect(ask(route(filter(', statusCode: 301'))).outcome).toMatchObject({ status: 301 });
  });
  it('without backends, or with one that is not there, answers 500 for that share', () => {
    const { outcome } = ask(
      route('- backendRefs: [{name: a, port: 80, weight: 1}, {name: nobody, port: 80, weight: 3}]'),
    );
    expect(outcome).toMatchObject({
      action: {
        missingStatus: 500,
        destinations: [
          { probability: 0.25, missing: undefined },
          { probability: 0.75, missing: 'host' },
        ],
      },
    });
    const none = ask(route('- matches: [{path: {value: /}}]')).outcome;
    expect(none.kind === 'directResponse' ? none.status : none).toBe(500);
  });
});

// Istio's routing semantics: which rule takes a request. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { A, ask, B, vs } from '../../test/support/semantics.ts';

describe('selection', () => {
  it('the first match wins, in list order; blocks are alternatives, fields of a block belong together', () => {
    const text = vs(
      `- match: [{uri: {prefix: /x}, method: {exact: PUT}}, {uri: {prefix: /y}}]\n  ${B}\n- match: [{uri: {prefix: /x}}]\n  ${A}\n- ${B}`,
    );
    const rule = (path: string, method = 'GET') => ask(text, path, { method }).rule;
    expect(rule('/x', 'PUT')).toMatchObject({ ruleIndex: 0, matchIndex: 0 });
    expect(rule('/y')).toMatchObject({ ruleIndex: 0, matchIndex: 1 });
    expect(rule('/x')).toMatchObject({ ruleIndex: 1 });
    expect(rule('/z')).toMatchObject({ ruleIndex: 2, matchIndex: -1 });
  });
  it('no match: later rules are dropped; none open: the service’s own route', () => {
    expect(ask(vs(`- ${A}\n- match: [{uri: {exact: /x}}]\n  ${B}`), '/x').rule?.ruleIndex).toBe(0);
    expect(ask(vs(`- match: [{port: 81}]\n  ${B}`)).rule?.virtualService).toBeUndefined();
    expect(ask(vs(`- match: [{uri: {exact: /x}}]\n  ${B}`)).outcome.kind).toBe('notFound');
  });
  it('a block that takes everything stops emission too, unless it looks at headers or queries', () => {
    const after = (match: string, path = '/x') =>
      ask(vs(`- match: [${match}]\n  ${A}\n- match: [{uri: {exact: /x}}]\n  ${B}`), path).rule
        ?.ruleIndex;
    expect(after('{uri: {prefix: /}}')).toBe(0);
    expect(after('{uri: {regex: ".*"}}')).toBe(0);
    expect(after('{uri: {prefix: /}, headers: {q: {}}}')).toBe(1);
  });
  it('no match stops even where the route itself yields nothing', () => {
    const text = vs(`- redirect: {uri: /y, redirectCode: 304}\n- ${B}`);
    expect(ask(text).rule?.virtualService).toBeUndefined();
  });
  it('older VirtualServices come first, then by name, then by namespace; a second counts as one', () => {
    const made = (name: string, time: string, to: string) =>
      vs(
        `- ${to}`,
        'hosts: [a.default.svc.cluster.local]',
        `${name}, creationTimestamp: "${time}"`,
      );
    const owner = (...list: string[]) => ask(list.join('')).rule?.virtualService;
    const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];
    expect(owner(made('y', late, A), made('z', early, B))).toBe('default/z');
    expect(owner(made('z', early, A), made('y', early, B))).toBe('default/y');
    expect(
      owner(made('z', '2026-01-01T00:00:00.2Z', A), made('y', '2026-01-01T00:00:00.9Z', B)),
    ).toBe('default/y');
    expect(owner(made('y, namespace: other', early, A), made('y, namespace: also', early, B))).toBe(
      'also/y',
    );
  });
});

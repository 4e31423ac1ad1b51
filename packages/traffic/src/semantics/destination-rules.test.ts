// Istio's routing semantics: DestinationRules. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { ask, sidecar, vs } from '../../test/support/semantics.ts';

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
  it('an exact host before the longest wildcard, within one namespace', () => {
    const wild = (host: string, subset: string) =>
      `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: w-${subset}}\nspec: {host: "${host}", subsets: [{name: ${subset}, labels: {v: "3"}}]}\n---\n`;
    const c =
      'apiVersion: v1\nkind: Service\nmetadata: {name: c}\nspec: {ports: [{port: 80, name: http}]}\n---\n';
    const of = (text: string, subset: string) => {
      const { outcome } = ask(
        c + text + vs(`- route: [{destination: {host: c, subset: ${subset}}}]`),
      );
      return outcome.kind === 'forward' && outcome.action.destinations[0]!.missing;
    };
    const both = wild('*.cluster.local', 'wide') + wild('*.default.svc.cluster.local', 'narrow');
    expect([of(both, 'narrow'), of(both, 'wide')]).toEqual([undefined, 'subset']);
    const exact = both + wild('c', 'exact');
    expect([of(exact, 'exact'), of(exact, 'narrow')]).toEqual([undefined, 'subset']);
  });
  it('the client’s namespace, then the service’s, then the root namespace', () => {
    const c =
      'apiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: home}\nspec: {ports: [{port: 80, name: http}]}\n---\n';
    const made = (namespace: string) =>
      `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: c, namespace: ${namespace}}\nspec: {host: c.home.svc.cluster.local, subsets: [{name: ${namespace}, labels: {v: "1"}}]}\n---\n`;
    const found = (...namespaces: string[]) =>
      ['default', 'home', 'istio-system', 'third'].filter((subset) => {
        const { outcome } = ask(
          c +
            namespaces.map(made).join('') +
            vs(`- route: [{destination: {host: c.home.svc.cluster.local, subset: ${subset}}}]`),
        );
        return outcome.kind === 'forward' && outcome.action.destinations[0]!.missing === undefined;
      });
    expect(found('istio-system')).toEqual(['istio-system']);
    expect(found('istio-system', 'home')).toEqual(['home']);
    expect(found('istio-system', 'home', 'default')).toEqual(['default']);
    expect(found('third')).toEqual([]);
  });
});

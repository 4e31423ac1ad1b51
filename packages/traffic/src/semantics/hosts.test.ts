// Istio's routing semantics: hosts, virtual hosts and gateways. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { A, ask, B, GATEWAY, gateway, sidecar, vs } from '../../test/support/semantics.ts';
import { HostIndex } from '../host.ts';
import { compile } from '../compile.ts';
import { decide } from '../decide.ts';
import type { Caller } from '../request.ts';
import { readResources } from '../read/read-resources.ts';

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
  it('short names resolve in the namespace of the resource that uses them', () => {
    const text = vs(`- ${B}`, 'hosts: [a]', 'vs, namespace: other');
    expect(ask(text).rule?.virtualService).toBeUndefined();
    const own = ask(
      vs(
        `- route: [{destination: {host: b}}]`,
        'hosts: [a.default.svc.cluster.local]',
        'vs, namespace: other',
      ),
    );
    expect(own.outcome).toMatchObject({
      action: { destinations: [{ host: 'b.other.svc.cluster.local', missing: 'host' }] },
    });
  });
  it('alternative domains: svc.ns, svc.ns.svc, the whole name with or without its dot; bare only in the same namespace', () => {
    const found = (host: string, namespace = 'default') =>
      ask('', '/', { headers: { host }, caller: { ...sidecar, namespace } }).virtualHost;
    for (const host of [
      'a',
      'a.default',
      'a.default.svc',
      'a.default.svc.cluster.local',
      'a.default.svc.cluster.local.',
      'A.Default:99',
    ])
      expect([host, found(host)]).toEqual([host, 'a.default.svc.cluster.local:80']);
    expect(found('a', 'other')).toBeUndefined();
    expect(found('a.default', 'other')).toBe('a.default.svc.cluster.local:80');
  });
  it('VIPs are names of their service', () => {
    const vip =
      'apiVersion: v1\nkind: Service\nmetadata: {name: c}\nspec: {clusterIP: 10.0.0.9, ports: [{port: 80, name: http}]}\n---\n';
    const at = (host: string) => ask(vip, '/', { headers: { host } }).virtualHost;
    expect(at('10.0.0.9')).toBe('c.default.svc.cluster.local:80');
    expect(at('10.0.0.9:80')).toBe('c.default.svc.cluster.local:80');
    expect(at('10.0.0.8')).toBeUndefined();
  });
  it('*foo is a plain suffix, *.foo.com does not take foo.com', () => {
    const text = GATEWAY + vs(`- ${A}`, 'hosts: ["*foo.com"]\n  gateways: [gw]');
    const takesIt = (host: string) =>
      ask(text, '/', { caller: gateway, headers: { host } }).rule !== undefined;
    expect([takesIt('afoo.com'), takesIt('a.foo.com'), takesIt('foo.com')]).toEqual([
      true,
      true,
      false,
    ]);
  });
  it('wildcards: the longest suffix, then the longest prefix, then all', () => {
    const index = new HostIndex<string>();
    for (const name of ['*', 'a*', 'a.b*', '*.com', '*.b.com', 'a.b.com']) index.add(name, name);
    expect(
      ['a.b.com', 'x.b.com', 'x.com', 'a.b.org', 'a.x', 'z'].map((name) => index.find(name)),
    ).toEqual(['a.b.com', '*.b.com', '*.com', 'a.b*', 'a*', '*']);
  });
  it('wildcard ownership: each service belongs to its most specific wildcard VirtualService', () => {
    const text =
      vs(`- ${A}`, 'hosts: ["*.svc.cluster.local"]', 'wide') +
      vs(`- ${A}`, 'hosts: ["*.default.svc.cluster.local"]', 'zzz');
    expect(ask(text).rule?.virtualService).toBe('default/zzz');
    expect(
      ask(text + vs(`- ${B}`, 'hosts: [b]', 'exact'), '/', { headers: { host: 'b' } }).rule
        ?.virtualService,
    ).toBe('default/exact');
  });
  it('exportTo order: private, exported to the namespace, public', () => {
    const made = (name: string, exportTo: string, time: string) =>
      vs(
        `- ${A}`,
        `hosts: [a.com]\n  gateways: [default/gw]\n  exportTo: [${exportTo}]`,
        `${name}, creationTimestamp: "2026-01-01T00:00:0${time}Z"`,
      );
    const order = (...list: string[]) =>
      ask(GATEWAY + list.join(''), '/', { caller: gateway, headers: { host: 'a.com' } }).rule
        ?.virtualService;
    const [all, named, own] = [
      made('public', '"*"', '1'),
      made('named', 'default', '2'),
      made('own', '"."', '3'),
    ];
    expect([order(all, named, own), order(all, named), order(all)]).toEqual([
      'default/own',
      'default/named',
      'default/public',
    ]);
  });
  it('exportTo must include the gateway’s namespace', () => {
    const made = (exportTo: string) =>
      GATEWAY +
      vs(
        `- ${A}`,
        `hosts: [a.com]\n  gateways: [default/gw]\n  exportTo: [${exportTo}]`,
        'vs, namespace: other',
      );
    const outcome = (exportTo: string) =>
      ask(made(exportTo), '/', { caller: gateway, headers: { host: 'a.com' } }).rule
        ?.virtualService;
    expect([outcome('"."'), outcome('default'), outcome('"*"')]).toEqual([
      undefined,
      'other/vs',
      'other/vs',
    ]);
  });
  it('gateway binding: ns/host, ./host and */host of a server choose VirtualServices by their namespace', () => {
    const served = (hosts: string, namespace: string) => {
      const server = GATEWAY.replace('hosts: ["*"]', `hosts: ["${hosts}"]`);
      const text =
        server +
        vs(`- ${A}`, 'hosts: [a.com]\n  gateways: [default/gw]', `vs, namespace: ${namespace}`);
      return ask(text, '/', { caller: gateway, headers: { host: 'a.com' } }).rule !== undefined;
    };
    expect([served('other/a.com', 'other'), served('other/a.com', 'default')]).toEqual([
      true,
      false,
    ]);
    expect([served('./a.com', 'default'), served('./a.com', 'other')]).toEqual([true, false]);
    expect([
      served('*/*.com', 'other'),
      served('a.com', 'other'),
      served('b.com', 'other'),
    ]).toEqual([true, true, false]);
  });
  it('gateway binding: the name resolves in the namespace of the VirtualService; omitted means mesh', () => {
    const bound = (gateways: string, namespace: string) =>
      ask(
        GATEWAY + vs(`- ${A}`, `hosts: [a.com]\n  ${gateways}`, `vs, namespace: ${namespace}`),
        '/',
        { caller: gateway, headers: { host: 'a.com' } },
      ).rule !== undefined;
    expect([
      bound('gateways: [gw]', 'default'),
      bound('gateways: [gw]', 'other'),
      bound('gateways: [default/gw]', 'other'),
      bound('', 'default'),
    ]).toEqual([true, false, true, false]);
  });
  it('gateway binding: the narrower of the server’s host and the VirtualService’s becomes the domain', () => {
    const domain = (server: string, host: string) =>
      ask(
        GATEWAY.replace('hosts: ["*"]', `hosts: ["${server}"]`) +
          vs(`- ${A}`, `hosts: ["${host}"]\n  gateways: [gw]`),
        '/',
        { caller: gateway, headers: { host: 'x.a.com' } },
      ).virtualHost;
    expect(domain('*.a.com', '*')).toBe('*.a.com:80');
    expect(domain('*', '*.a.com')).toBe('*.a.com:80');
    expect(domain('x.a.com', '*.com')).toBe('x.a.com:80');
  });
  it('strict gateway merging: a managed gateway takes no servers of other namespaces', () => {
    const managed: Caller = {
      via: 'gateway',
      namespace: 'edge',
      labels: { istio: 'gw', 'gateway.networking.k8s.io/gateway-name': 'gw' },
    };
    const text = GATEWAY + vs(`- ${A}`, 'hosts: [a.com]\n  gateways: [gw]');
    const headers = { host: 'a.com' };
    expect(ask(text, '/', { caller: managed, headers }).rule).toBeUndefined();
    expect(
      ask(text, '/', { caller: { ...managed, namespace: 'default' }, headers }).rule,
    ).toBeDefined();
    expect(
      ask(text, '/', { caller: { ...gateway, namespace: 'edge' }, headers }).rule,
    ).toBeDefined();
  });
  it('httpsRedirect: 301 to https for every plain request of the server’s hosts', () => {
    const text =
      GATEWAY.replace('hosts: ["*"]', 'hosts: [a.com], tls: {httpsRedirect: true}') +
      vs(`- ${A}`, 'hosts: [a.com]\n  gateways: [gw]');
    const at = (scheme: 'http' | 'https') =>
      ask(text, '/x?q=1', { caller: gateway, scheme, headers: { host: 'a.com' } }).outcome;
    expect(at('http')).toMatchObject({
      kind: 'redirect',
      status: 301,
      location: 'https://a.com/x?q=1',
    });
    expect(at('https').kind).toBe('forward');
  });
  it('what a Sidecar imports: hosts of its egress, and where the rules lead that it imports', () => {
    const text =
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s}\nspec: {egress: [{hosts: ["./*"]}]}\n---\n' +
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: far, namespace: other}\nspec: {hosts: [far.other.svc.cluster.local], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 127.0.0.1}]}\n---\n' +
      vs('- route: [{destination: {host: far.other.svc.cluster.local}}]');
    expect(ask(text, '/').outcome).toMatchObject({
      kind: 'forward',
      action: { destinations: [{ host: 'far.other.svc.cluster.local', missing: undefined }] },
    });
    expect(ask(text, '/', { headers: { host: 'far.other' } }).outcome.kind).toBe('passthrough');
  });
  it('outboundTrafficPolicy of a Sidecar: a missing mode is REGISTRY_ONLY', () => {
    const policy = (mode: string) =>
      `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s}\nspec: {egress: [{hosts: ["*/*"]}], outboundTrafficPolicy: {${mode}}}\n---\n`;
    const outcome = (mode: string) =>
      ask(policy(mode), '/', { headers: { host: 'nobody.com' } }).outcome.kind;
    expect([outcome('mode: ALLOW_ANY'), outcome('mode: REGISTRY_ONLY'), outcome('')]).toEqual([
      'passthrough',
      'blocked',
      'blocked',
    ]);
  });
  it('ALLOW_ANY_DYNAMIC_DNS lets through what nobody declared', () => {
    const outcome = (mode: string) => {
      const text = `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: default}\nspec: {outboundTrafficPolicy: {mode: ${mode}}}`;
      const { resources, findings } = readResources([{ name: 'a.yaml', text }]);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      const request = { method: 'GET', path: '/', headers: { host: 'nobody.com' }, port: 80 };
      return decide(compile(resources), sidecar, request).outcome.kind;
    };
    expect([outcome('ALLOW_ANY_DYNAMIC_DNS'), outcome('REGISTRY_ONLY')]).toEqual([
      'passthrough',
      'blocked',
    ]);
  });
});

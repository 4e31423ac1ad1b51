import { expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { declaredRules } from './declared-rules.ts';

it('rules of every kind declare their shares', () => {
  const { resources } = readResources([
    {
      name: 'a.yaml',
      text: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: [web]
  http:
  - name: away
    redirect: {uri: /}
  - route: [{destination: {host: web, subset: v1}, weight: 1}, {destination: {host: web.other.svc.cluster.local}, weight: 3}]
  tcp:
  - route: [{destination: {host: db, port: {number: 5432}}, weight: 0}]
  tls:
  - match: [{sniHosts: [web]}]
    route: [{destination: {host: web}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: shop}
spec:
  hostnames: [api.example]
  rules:
  - backendRefs: [{name: api, port: 80}, {name: next, port: 80, weight: 4}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: rpc, namespace: shop}
spec:
  rules:
  - backendRefs: [{name: rpc, namespace: far, port: 90}]
`,
    },
  ]);
  expect(
    declaredRules(resources).map(({ kind, resource, section, ruleIndex, destinations }) => [
      `${kind} ${resource} ${section}[${ruleIndex}]`,
      ...destinations.map(({ host, subset, port, share }) => `${host} ${subset}:${port} ${share}`),
    ]),
  ).toEqual([
    ['VirtualService default/all http[0]'],
    [
      'VirtualService default/all http[1]',
      'web.default.svc.cluster.local v1:undefined 0.25',
      'web.other.svc.cluster.local :undefined 0.75',
    ],
    ['VirtualService default/all tcp[0]', 'db.default.svc.cluster.local :5432 1'],
    ['VirtualService default/all tls[0]', 'web.default.svc.cluster.local :undefined 1'],
    [
      'HTTPRoute shop/api http[0]',
      'api.shop.svc.cluster.local :80 0.2',
      'next.shop.svc.cluster.local :80 0.8',
    ],
    ['GRPCRoute shop/rpc http[0]', 'rpc.far.svc.cluster.local :90 1'],
  ]);
});

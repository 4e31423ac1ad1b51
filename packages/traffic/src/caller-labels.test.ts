import { expect, it } from 'vitest';
import { compile } from './compile.ts';
import { decide } from './decide.ts';
import { readResources } from './read/read-resources.ts';

const { resources } = readResources([
  {
    name: 'a.yaml',
    text: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec: {hosts: [web.default.svc.cluster.local], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 10.0.0.1}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - match: [{sourceLabels: {tier: gold}}]
    redirect: {uri: /gold}
  - route: [{destination: {host: web}}]
`,
  },
]);
const caller = (labels: Record<string, string>) =>
  ({ via: 'sidecar', namespace: 'default', labels }) as const;

it('callers that differ in labels which nothing looks at share what is worked out for them', () => {
  const table = compile(resources);
  const view = table.view(caller({ app: 'a' }), 80);
  expect(table.view(caller({ app: 'b', version: 'v1' }), 80)).toBe(view);
  expect(table.view(caller({ app: 'a', tier: 'gold' }), 80)).not.toBe(view);
  const request = { method: 'GET', path: '/', headers: { host: 'web' }, port: 80 };
  expect(decide(table, caller({ app: 'a', tier: 'gold' }), request).outcome.kind).toBe('redirect');
  expect(decide(table, caller({ app: 'c' }), request).outcome.kind).toBe('forward');
});

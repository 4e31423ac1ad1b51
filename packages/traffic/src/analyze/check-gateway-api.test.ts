import { describe, expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const TEXT = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  gatewayClassName: istio
  listeners:
  - {name: all, port: 80, protocol: HTTP, hostname: a.com}
  - {name: udp, port: 81, protocol: UDP}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
  parentRefs:
  - {name: gww}
  - {name: gw}
  hostnames: [b.com]
  rules:
  - filters: [{type: ExtensionRef, extensionRef: {group: x, kind: y, name: z}}]
    backendRefs:
    - {name: aa, port: 80}
    - {name: a, port: 81}
    - {name: a}
    - {name: a, namespace: other, port: 80}
`;

describe('checkGatewayApi', () => {
  it('finds parents, listeners, backends and filters that lead nowhere, with their places', () => {
    const findings = analyze(readResources([{ name: 'a.yaml', text: TEXT }]));
    expect(findings.map((one) => [one.code, one.field, one.at?.line])).toEqual([
      ['CLV420', 'spec.listeners[1].protocol', 8],
      ['CLV221', 'spec.parentRefs[0]', 20],
      ['CLV222', 'spec.parentRefs[1]', 21],
      ['CLV225', 'spec.rules[0].filters[0]', 24],
      ['CLV202', 'spec.rules[0].backendRefs[0].name', 26],
      ['CLV205', 'spec.rules[0].backendRefs[1].port', 27],
      ['CLV224', 'spec.rules[0].backendRefs[2]', 28],
      ['CLV223', 'spec.rules[0].backendRefs[3]', 29],
    ]);
    expect(findings[1]?.hint).toBe('did you mean default/gw?');
  });

  it('names an unknown field of an HTTPRoute', () => {
    const text = TEXT.replace('hostnames:', 'hostname:');
    const [finding] = readResources([{ name: 'a.yaml', text }]).findings;
    expect(finding).toMatchObject({ code: 'CLV110', hint: 'did you mean hostnames?' });
  });

  it('takes retries and sessions of the experimental channel, and says which is not enforced', () => {
    const text = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
  rules:
  - retry: {attempts: 3, codes: [503], backoff: 100ms}
    sessionPersistence: {type: Cookie, sessionName: s}
`;
    const found = analyze(readResources([{ name: 'a.yaml', text }]));
    expect(found.map((one) => [one.code, one.severity, one.field])).toEqual([
      ['CLV420', 'warning', 'spec.rules[0].sessionPersistence'],
    ]);
    const refused = readResources([{ name: 'a.yaml', text: text.replace('100ms', 'soon') }]);
    expect(refused.findings).toMatchObject([
      { code: 'CLV117', field: 'spec.rules[0].retry.backoff' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const RULE = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a.example.com
  trafficPolicy:
    loadBalancer:
      simple: ROUND_ROBIN
      localityLbSetting: {enabled: true}
    portLevelSettings:
    - port: {number: 80}
      loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: soon}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 10.0.0.1, locality: eu/west}]
`;

describe('checkEnforcement', () => {
  it('says what is not enforced, and finds a lifetime that is none', () => {
    const findings = analyze(readResources([{ name: 'a.yaml', text: RULE }]));
    const mine = findings.filter((one) => one.code === 'CLV420' || one.code === 'CLV117');
    expect(mine.map((one) => [one.code, one.severity, one.field, one.at?.line])).toEqual([
      ['CLV420', 'warning', 'spec.trafficPolicy.loadBalancer.localityLbSetting', 9],
      [
        'CLV117',
        'error',
        'spec.trafficPolicy.portLevelSettings[0].loadBalancer.consistentHash.httpCookie.ttl',
        12,
      ],
      ['CLV420', 'info', 'spec.endpoints[0].locality', 21],
    ]);
  });

  it('says what is done instead of PASSTHROUGH, and which endpoints are not used', () => {
    const text = RULE.replace('simple: ROUND_ROBIN', 'simple: PASSTHROUGH').replace(
      '10.0.0.1',
      'unix:///run/a.sock',
    );
    const found = analyze(readResources([{ name: 'a.yaml', text }]));
    const fields = found.filter((one) => one.code === 'CLV420').map((one) => one.field);
    expect(fields).toContain('spec.trafficPolicy.loadBalancer.simple');
    expect(fields).toContain('spec.endpoints[0].address');
  });
});

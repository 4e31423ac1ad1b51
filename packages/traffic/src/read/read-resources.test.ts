import { describe, expect, it } from 'vitest';
import { readResources } from './read-resources.ts';

const GOOD = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: http-lb}
spec:
  hosts: [http-lb]
  http:
  - match:
    - uri: {prefix: /test}
    route:
    - destination: {host: http-lb, subset: v1}
      weight: 80
`;

describe('readResources', () => {
  it('reads several documents and knows where each field stands', () => {
    const read = readResources([
      { name: 'a.yaml', text: `${GOOD}---\n${GOOD.replace('name: http-lb', 'name: other')}` },
    ]);
    expect(read.findings).toEqual([]);
    expect(read.resources.map((one) => one.metadata)).toEqual([
      { name: 'http-lb', namespace: 'default' },
      { name: 'other', namespace: 'default' },
    ]);
    expect(read.positionOf(read.resources[1]!, ['spec', 'http', 0, 'route', 0, 'weight'])).toEqual({
      file: 'a.yaml',
      line: 23,
      column: 7,
    });
    expect(read.positionOf(read.resources[0]!, ['spec', 'http', 0, 'timeout'])).toEqual({
      file: 'a.yaml',
      line: 7,
      column: 5,
    });
  });

  it('names file, line, column and the nearest field for an unknown one', () => {
    const { resources, findings } = readResources([
      { name: 'b.yaml', text: GOOD.replace('weight:', 'wieght:') },
    ]);
    expect(resources).toEqual([]);
    expect(findings).toEqual([
      {
        code: 'CLV110',
        severity: 'error',
        message: 'unknown field wieght',
        hint: 'did you mean weight?',
        resource: 'VirtualService default/http-lb',
        field: 'spec.http[0].route[0].wieght',
        at: { file: 'b.yaml', line: 11, column: 7 },
      },
    ]);
  });

  it.each([
    ['weight: 80', 'weight: "80"', 'CLV112', 'write it without quotes: 80'],
    ['{prefix: /test}', '{prefix: /test, exact: /a}', 'CLV114', 'keep one of them'],
    ['hosts: [http-lb]', 'hosts: http-lb', 'CLV112', 'write a list: start the line with "- "'],
    ['weight: 80', 'weight: 80\n    timeout: fast', 'CLV117', 'write 250ms, 1.5s or 1m'],
    ['{host: http-lb, subset: v1}', '{subset: v1}', 'CLV113', 'add host:'],
    ['hosts: [http-lb]', 'hosts: [http-lb', 'CLV100', ''],
    ['networking.istio.io/v1', 'networking.istio.io/v7', 'CLV103', 'write networking.istio.io/v1'],
  ])('refuses %s written as %s', (from, to, code, hint) => {
    const { resources, findings } = readResources([
      { name: 'c.yaml', text: GOOD.replace(from, to) },
    ]);
    expect(resources).toEqual([]);
    expect(findings[0]).toMatchObject({ code, hint });
    expect(findings[0]?.at?.line).toBeGreaterThan(0);
  });

  it('passes over what does not decide about traffic, and takes a Kubernetes Service', () => {
    const text =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80, name: http}]}\n';
    const { resources, findings } = readResources([{ name: 'd.yaml', text }]);
    expect(findings.map((one) => [one.code, one.severity])).toEqual([['CLV102', 'info']]);
    expect(resources.map((one) => one.kind)).toEqual(['Service']);
  });
});

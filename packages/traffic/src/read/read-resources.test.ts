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

  it('suggests the kind, and the group, that was meant', () => {
    const told = (text: string) =>
      readResources([{ name: 'k.yaml', text: `${text}\nmetadata: {name: x}` }]).findings.map(
        (one) => [one.code, one.severity, one.message, one.hint, one.at?.line],
      );
    expect(told('apiVersion: networking.istio.io/v1\nkind: VirtualServcie')).toEqual([
      [
        'CLV106',
        'error',
        'there is no kind VirtualServcie in networking.istio.io',
        'did you mean VirtualService?',
        2,
      ],
    ]);
    expect(told('apiVersion: networking.istio.oi/v1\nkind: Gateway')).toEqual([
      [
        'CLV106',
        'error',
        'there is no group networking.istio.oi',
        'did you mean networking.istio.io?',
        1,
      ],
    ]);
    expect(told('apiVersion: v1\nkind: Servce')[0]).toContain('did you mean Service?');
    for (const kind of ['Secret', 'ConfigMap', 'ServiceAccount', 'Pod'])
      expect(told(`apiVersion: v1\nkind: ${kind}`)[0]![0]).toBe('CLV102');
    expect(told('apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter')[0]).toEqual(
      expect.arrayContaining(['CLV420', 'warning']),
    );
  });

  it('refuses the same name twice', () => {
    const { resources, findings, refused } = readResources([
      { name: 'a.yaml', text: GOOD },
      { name: 'b.yaml', text: GOOD },
    ]);
    expect([resources.length, refused?.length]).toEqual([1, 1]);
    expect(findings).toMatchObject([
      {
        code: 'CLV105',
        message: expect.stringContaining('first at a.yaml:3'),
        at: { file: 'b.yaml', line: 3 },
      },
    ]);
  });

  it('knows the fields of a Service', () => {
    const text =
      'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {prots: [{port: 80}]}\n';
    expect(readResources([{ name: 's.yaml', text }]).findings).toMatchObject([
      { code: 'CLV110', hint: 'did you mean ports?', at: { line: 4 } },
    ]);
  });

  it('takes a field of null for none, and no null in a list', () => {
    const spec = (text: string) =>
      GOOD.replace('  hosts: [http-lb]', `  ${text}\n  hosts: [http-lb]`);
    const read = readResources([
      { name: 'n.yaml', text: spec('exportTo: []').replace('weight: 80', 'headers: null') },
    ]);
    expect(read.findings).toEqual([]);
    expect(read.resources[0]!.spec).toMatchObject({ http: [{ route: [{ destination: {} }] }] });
    expect(JSON.stringify(read.resources[0])).not.toContain('null');
    const broken = readResources([
      { name: 'n.yaml', text: GOOD.replace('  - match:', '  - null\n  - match:') },
    ]);
    expect(broken.findings).toMatchObject([{ code: 'CLV112', field: 'spec.http[0]' }]);
  });

  it('passes over what does not decide about traffic, and takes a Kubernetes Service', () => {
    const text =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80, name: http}]}\n';
    const { resources, findings } = readResources([{ name: 'd.yaml', text }]);
    expect(findings.map((one) => [one.code, one.severity])).toEqual([['CLV102', 'info']]);
    expect(resources.map((one) => one.kind)).toEqual(['Service']);
  });
});

import { describe, expect, it } from 'vitest';
import { BROKEN } from '../../test/broken-resources.ts';
import { readResources } from '../read/read-resources.ts';

const read = (text: string) => readResources([{ name: 'a.yaml', text }]);

describe('a resource that is not valid', () => {
  it.each(BROKEN)('$code: $what', ({ text, code, severity }) => {
    const { resources, findings } = read(text);
    expect(findings.map((one) => [one.code, one.severity])).toEqual([[code, severity]]);
    expect(resources).toHaveLength(severity === 'error' ? 0 : 1);
    expect(findings[0]!.at!.line).toBeGreaterThan(0);
    expect(findings[0]!.field).toMatch(/^(?:spec|metadata)/);
  });

  it('is named with its place and what to do', () => {
    const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: x}
spec:
  hosts: [a]
  http:
  - fault:
      abort: {httpStatus: 503, percentage: {value: 200}}
    route: [{destination: {host: a}}]
`;
    expect(read(text).findings).toEqual([
      {
        code: 'CLV115',
        severity: 'error',
        message: 'a share of 200 % is none',
        hint: 'allowed: 0, or 0.0001 to 100',
        resource: 'VirtualService default/x',
        field: 'spec.http[0].fault.abort.percentage.value',
        at: { file: 'a.yaml', line: 8, column: 45 },
      },
    ]);
  });
});

describe('a resource that is valid', () => {
  const rule = (text: string) =>
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x}\nspec: {hosts: [a], http: [${text}]}\n`;
  it.each([
    '{match: [{uri: {prefix: ""}}], route: [{destination: {host: a}}]}',
    '{match: [{withoutHeaders: {x: {regex: "*"}}}], route: [{destination: {host: a}}]}',
    '{match: [{headers: {x: null}}], route: [{destination: {host: a}}]}',
    '{match: [{headers: {":method": {exact: GET}}}], route: [{destination: {host: a}}]}',
    '{retries: {attempts: 0}, route: [{destination: {host: a}, weight: 0}]}',
    '{retries: {attempts: 2, retryOn: "5xx,503,reset"}, route: [{destination: {host: a}}]}',
    '{headers: {request: {set: {x: "100%% %REQ(a?b)% %START_TIME(%s)%", host: b}}}, route: [{destination: {host: a}}]}',
    '{redirect: {redirectCode: 304, authority: b}}',
    '{corsPolicy: {maxAge: 24h, allowMethods: ["*"]}, route: [{destination: {host: a}}]}',
    '{delegate: {name: d}, match: [{uri: {prefix: /a}}]}',
  ])('%s', (text) => expect(read(rule(text)).findings).toEqual([]));
});

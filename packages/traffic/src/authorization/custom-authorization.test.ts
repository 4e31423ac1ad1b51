import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze/analyze.ts';
import { readResources } from '../read/read-resources.ts';
import { customAuthorization } from './custom-authorization.ts';

const policy = (spec: string, name = 'waf', namespace = 'default') => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
const GATEWAY = { namespace: 'default', labels: { istio: 'ingressgateway' } };
const SUBJECT = {
  method: 'GET',
  path: '/admin/users',
  authority: 'WWW.sdc.com',
  port: 80,
  header: (name: string) => (name === 'x-team' ? 'blue' : undefined),
  sourceIp: '10.1.2.3',
  remoteIp: '203.0.113.9',
  principal: 'cluster.local/ns/sdc/sa/web',
  serverName: '',
};

function read(...documents: string[]) {
  return readResources([{ name: 'a.yaml', text: documents.join('---\n') }]);
}
const asks = (rules: string, subject = SUBJECT) =>
  customAuthorization(
    read(policy(`{action: CUSTOM, provider: {name: waf}, rules: ${rules}}`)).resources,
    GATEWAY,
  )?.asks(subject);

describe('customAuthorization', () => {
  it('asks about what any rule is about', () => {
    expect(asks('[{}]')).toBe(true);
    expect(asks('[]')).toBeUndefined();
    expect(asks('[{to: [{operation: {paths: [/admin/*]}}]}]')).toBe(true);
    expect(asks('[{to: [{operation: {paths: ["*/users"], notMethods: [GET]}}]}]')).toBe(false);
    expect(asks('[{to: [{operation: {hosts: [www.sdc.com], ports: ["80"]}}]}]')).toBe(true);
    expect(asks('[{to: [{operation: {hosts: [sdc.com]}}, {operation: {methods: [GET]}}]}]')).toBe(
      true,
    );
    expect(
      asks('[{from: [{source: {ipBlocks: [10.0.0.0/8], notRemoteIpBlocks: [203.0.113.0/24]}}]}]'),
    ).toBe(false);
    expect(asks('[{when: [{key: "request.headers[X-Team]", values: [bl*]}]}]')).toBe(true);
    expect(asks('[{when: [{key: "request.headers[x-other]", values: ["*"]}]}]')).toBe(false);
    expect(
      asks(
        '[{when: [{key: source.ip, values: [10.1.0.0/16]}, {key: destination.port, notValues: ["80"]}]}]',
      ),
    ).toBe(false);
  });

  it('holds for the workloads that are selected, and all with a policy of the root namespace', () => {
    const spec =
      '{action: CUSTOM, provider: {name: waf}, selector: {matchLabels: {istio: ingressgateway}}, rules: [{}]}';
    const { resources } = read(policy(spec));
    expect(customAuthorization(resources, GATEWAY)?.provider).toBe('waf');
    expect(customAuthorization(resources, { ...GATEWAY, labels: {} })).toBeUndefined();
    expect(customAuthorization(resources, { ...GATEWAY, namespace: 'other' })).toBeUndefined();
    const root = read(
      policy('{action: CUSTOM, provider: {name: waf}, rules: [{}]}', 'a', 'istio-system'),
    );
    expect(customAuthorization(root.resources, GATEWAY)?.provider).toBe('waf');
  });

  it('has no provider when policies disagree', () => {
    const one = '{action: CUSTOM, provider: {name: one}, rules: [{}]}';
    const { resources } = read(policy(one), policy(one.replace('one', 'two'), 'two'));
    const found = customAuthorization(resources, GATEWAY);
    expect(found).toBeDefined();
    expect(found!.provider).toBeUndefined();
  });

  it('is told of what is not enforced', () => {
    const found = analyze(
      read(
        policy('{action: DENY, rules: [{}]}'),
        policy(
          '{action: CUSTOM, rules: [{when: [{key: "experimental.envoy.filters.a", values: [a]}]}]}',
          'b',
        ),
      ),
    );
    expect(found.map((one) => [one.code, one.severity, one.message])).toEqual([
      [
        'CLV420',
        'warning',
        'action DENY is not enforced by the built-in data plane: requests are neither allowed nor denied by it',
      ],
      ['CLV113', 'error', 'action CUSTOM has no provider'],
      [
        'CLV420',
        'warning',
        expect.stringContaining('experimental.envoy.filters.a is not looked at'),
      ],
    ]);
  });
});

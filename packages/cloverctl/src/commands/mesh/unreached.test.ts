import { expect, it } from 'vitest';
import { unreached } from './unreached.ts';

const host = 'http-lb.default.svc.cluster.local';
const to = (subset: string, share: number) => ({ host, subset, port: null, share });
const rule = (...destinations: ReturnType<typeof to>[]) => ({
  kind: 'VirtualService' as const,
  resource: 'default/lb',
  section: 'http' as const,
  ruleIndex: 0,
  ruleName: '',
  hosts: [host],
  destinations,
});
const resources = [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'lb', namespace: 'default' },
    spec: {
      host: 'http-lb',
      subsets: [
        { name: 'v1', labels: { version: 'v1' } },
        { name: 'v2', labels: { version: 'v2' } },
      ],
    },
    origin: 'applied' as const,
  },
];
const ask = (version: string, ...rules: ReturnType<typeof rule>[]) =>
  unreached(
    { rules, resources },
    { service: 'http-lb', namespace: 'default', labels: { version } },
  );

it('says when rules send to other versions only', () => {
  expect(ask('v1', rule(to('v1', 1)))).toBeUndefined();
  expect(ask('v3', rule(to('v1', 0.8), to('v2', 0.2)))).toBe(
    'no rule sends requests to it (version=v3): those to http-lb go to the subsets v1, v2',
  );
  expect(ask('v2', rule(to('v1', 1), to('v2', 0)))).toContain('the subset v1');
});

it('is content where all programs of the service get some', () => {
  expect(ask('v3')).toBeUndefined();
  expect(ask('v3', rule(to('', 1)))).toBeUndefined();
});

import { expect, it } from 'vitest';
import { compile, readResources } from '@clover/traffic';
import type { RegisteredWorkload } from './workload.ts';
import { workloadResources } from './workload-resources.ts';

const workload = (name: string, more: Partial<RegisteredWorkload> = {}): RegisteredWorkload => ({
  name,
  namespace: 'default',
  service: 'http-lb',
  labels: { version: 'v1' },
  serviceAccount: 'default',
  address: '127.0.0.1',
  ports: [{ port: 9180, targetPort: 19180, protocol: 'HTTP' }],
  joinedAt: '2026-01-01T00:00:00.000Z',
  joinedBy: 'local',
  leaseMs: null,
  ready: true,
  ...more,
});

it('makes a service of workloads whose service nobody declared', () => {
  const added = workloadResources([workload('b', { labels: {} }), workload('a')], []);
  const { services } = compile(added);
  expect([...services.values()]).toEqual([
    expect.objectContaining({
      host: 'http-lb.default.svc.cluster.local',
      ports: [{ number: 9180, name: 'http-9180', protocol: 'HTTP' }],
    }),
  ]);
  expect(services.get('http-lb.default.svc.cluster.local')!.endpoints).toEqual([
    expect.objectContaining({ address: '127.0.0.1', ports: { 'http-9180': 19180 } }),
    expect.objectContaining({ labels: { app: 'http-lb' } }),
  ]);
});

it('is selected by the service that is declared, under the names of its ports', () => {
  const { resources } = readResources([
    {
      name: 'a.yaml',
      text: 'apiVersion: v1\nkind: Service\nmetadata: {name: http-lb}\nspec: {selector: {run: lb}, ports: [{port: 9180, name: http-web}]}\n',
    },
  ]);
  const added = workloadResources([workload('a')], resources);
  expect(added).toHaveLength(1);
  const { services } = compile([...resources, ...added]);
  expect(services.get('http-lb.default.svc.cluster.local')!.endpoints).toEqual([
    expect.objectContaining({
      labels: { app: 'http-lb', run: 'lb', version: 'v1' },
      ports: { 'http-web': 19180 },
    }),
  ]);
});

it('sends no requests to a program that is not ready, or that has no port', () => {
  const waiting = workloadResources([workload('a', { ready: false })], []);
  expect(waiting.map(({ kind }) => kind)).toEqual(['Service']);
  expect(workloadResources([workload('a', { ports: [] })], [])).toEqual([]);
});

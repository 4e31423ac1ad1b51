import type { FaultSwitch, TrafficEffectiveAnswer } from '@clover/model';
import { expect, it } from 'vitest';
import { meshMarks } from './mesh-marks.ts';

const service = (name: string) => ({
  host: `${name}.default.svc.cluster.local`,
  namespace: 'default',
  ports: [],
  endpoints: [{ address: '127.0.0.1', ports: {}, labels: { app: name } }],
});
const peerAuthentication = (namespace: string, mode: string, app?: string) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'mtls', namespace },
  spec: { mtls: { mode }, ...(app !== undefined && { selector: { matchLabels: { app } } }) },
  origin: 'applied' as const,
});
const effective = (resources: TrafficEffectiveAnswer['resources']): TrafficEffectiveAnswer => ({
  revision: 1,
  resources,
  services: [service('a'), service('b')],
});

it('lets a workload’s own rule go before its namespace’s, and that before the mesh’s', () => {
  const names = (resources: TrafficEffectiveAnswer['resources']) => [
    ...meshMarks([], effective(resources)).keys(),
  ];
  const mesh = peerAuthentication('istio-system', 'STRICT');
  expect(names([])).toEqual([]);
  expect(names([mesh])).toEqual(['a', 'b']);
  expect(names([mesh, peerAuthentication('default', 'PERMISSIVE')])).toEqual([]);
  expect(
    names([
      peerAuthentication('default', 'PERMISSIVE'),
      peerAuthentication('default', 'STRICT', 'b'),
    ]),
  ).toEqual(['b']);
});

it('marks who has endpoints left out, beside what else it has', () => {
  const marks = meshMarks(
    [],
    effective([peerAuthentication('default', 'STRICT')]),
    new Map([
      ['a', 2],
      ['z', 1],
    ]),
  );
  expect(marks.get('a')).toEqual({ strict: true, ejected: 2 });
  expect(marks.get('z')).toEqual({ strict: false, ejected: 1 });
});

it('marks the service of a fault, whatever else it has', () => {
  const fault = { service: 'a.default', percent: 10 } as FaultSwitch;
  const marks = meshMarks([fault], effective([peerAuthentication('default', 'STRICT')]));
  expect(marks.get('a')).toEqual({ strict: true, fault });
  expect(meshMarks([fault], undefined).get('a')).toEqual({ strict: false, fault });
});
